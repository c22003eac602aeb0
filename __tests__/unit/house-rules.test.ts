import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const ROOT = join(__dirname, "..", "..");
const sources = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts"], { cwd: ROOT })
  .toString()
  .split("\n")
  .filter(Boolean);

/** Which folders each folder may import from, besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "lib/catalog": ["lib"],
  "lib/backend": ["lib"],
  "lib/backup": ["lib"],
  "lib/docker": ["lib"],
  "lib/consul": ["lib", "lib/backup", "lib/catalog", "lib/docker"],
  "lib/policies": ["lib", "lib/catalog"],
  lib: [],
  stacks: ["lib", "lib/backend", "lib/catalog", "lib/docker", "lib/consul", "lib/policies"],
  offline: ["lib", "lib/docker"],
  discovery: [],
};

/** What discovery loads besides Node's own modules. */
const OPTIONAL_PEERS: readonly string[] = ["yaml"];

function folderOf(file: string): string {
  return Object.keys(MAY_IMPORT).find((each) => file.startsWith(`${each}/`)) ?? "";
}

function forbidden(file: string, text: string): readonly string[] {
  const own = folderOf(file);
  const allowed = MAY_IMPORT[own];
  if (allowed === undefined) return [];
  return [...text.matchAll(/from "(\.[^"]+)"/g)]
    .map(([, target = ""]) => normalize(join(dirname(file), target)))
    .filter((target) => folderOf(`${target}.ts`) !== own && !allowed.includes(folderOf(`${target}.ts`)));
}

test("imports point one way", () => {
  const found = sources.flatMap((file) =>
    forbidden(file, readFileSync(join(ROOT, file), "utf8")).map((target) => `${file} imports ${target}`),
  );
  expect(found).toEqual([]);
});

test("an import against the direction is found", () => {
  expect(forbidden("lib/catalog/x.ts", 'import { y } from "../consul/y";')).toEqual(["lib/consul/y"]);
});

test("the discovery package needs nothing but Node, and the platform nothing of it", () => {
  const inDiscovery = (file: string) => file.startsWith("discovery/");
  const needed = /(?:from|import\() ?"(?!\.|node:)([^"]+)"/g;
  const needs = (file: string) =>
    [...readFileSync(join(ROOT, file), "utf8").matchAll(needed)].map(([, name = ""]) => name);
  // Loaded only where a catalog folder is named: an optional peer.
  expect(new Set(sources.filter(inDiscovery).flatMap(needs))).toEqual(new Set(OPTIONAL_PEERS));
  const users = sources.filter((file) => !/^(discovery|bench|__tests__)\//.test(file));
  const ofDiscovery = /from "(?:@rollcall\/discovery|(?:\.\.?\/)+discovery\/)/;
  expect(users.filter((file) => ofDiscovery.test(readFileSync(join(ROOT, file), "utf8")))).toEqual([]);
  expect(ofDiscovery.test('import { x } from "../discovery/src/index.ts";')).toBe(true);
});

test("no test is skipped, none stands alone, none compares with a snapshot file", () => {
  const weak = /\b(it|test|describe)\.(skip|todo|only)\b|toMatchSnapshot/;
  const found = sources.filter((file) => weak.test(readFileSync(join(ROOT, file), "utf8")));
  expect(found.filter((file) => !file.endsWith("house-rules.test.ts"))).toEqual([]);
  expect(weak.test(`test${".skip"}("x")`)).toBe(true);
});

test("no file depends on how it is worded: none reads its own text, and no recipe of offline reads source text", () => {
  const readsItself = (text: string) => /\b__filename\b|import\.meta\.filename/.test(text);
  const namesSource = (text: string) => /\.ts["`]/.test(text);
  const found = sources
    .filter((file) => !file.endsWith("house-rules.test.ts"))
    .filter((file) => {
      const text = readFileSync(join(ROOT, file), "utf8");
      return readsItself(text) || (file.startsWith("offline/") && namesSource(text));
    });
  expect(found).toEqual([]);
  expect(readsItself("keyOf(name, readFileSync(__filename))")).toBe(true);
  expect(namesSource('readFileSync(join(__dirname, "debian-image.ts"))')).toBe(true);
});

test("npm can check each package against the lock: none comes without its hash", () => {
  interface Entry {
    readonly version?: string;
    readonly integrity?: string;
    readonly link?: boolean;
    readonly inBundle?: boolean;
  }
  const unchecked = (packages: Readonly<Record<string, Entry>>) =>
    Object.entries(packages)
      // What lies in another package's file is checked with that file; a link leads into this clone.
      .filter(([path, { link, inBundle }]) => path.includes("node_modules/") && link !== true && inBundle !== true)
      .filter(([, { integrity }]) => integrity === undefined || !/^sha512-[\w+/]{86}==$/.test(integrity))
      .map(([path]) => path);
  const lock: { packages: Record<string, Entry> } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
  expect(unchecked(lock.packages)).toEqual([]);
  expect(Object.keys(lock.packages).length).toBeGreaterThan(500);
  expect(unchecked({ "node_modules/a": { version: "1.0.0" }, "node_modules/b/node_modules/c": {} })).toHaveLength(2);
});

test("the lock knows the optional packages of every platform, and no registry's address", () => {
  const lock: { packages: Record<string, { optionalDependencies?: Record<string, string>; resolved?: string }> } =
    JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
  const names = new Set(Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, "")));
  const wanted = Object.values(lock.packages).flatMap((each) => Object.keys(each.optionalDependencies ?? {}));
  // npm leaves out what a registry does not have, and `npm ci` then refuses the whole lock.
  expect(wanted.filter((name) => !names.has(name))).toEqual([]);
  expect(Object.values(lock.packages).filter(({ resolved }) => resolved?.startsWith("http"))).toEqual([]);
});
