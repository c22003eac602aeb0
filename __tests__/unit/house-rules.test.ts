import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { declarationOf, KEYS, OUTSIDE } from "../../lib/settings/table.js";

const ROOT = join(import.meta.dirname, "..", "..");
const sources = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts"], { cwd: ROOT })
  .toString()
  .split("\n")
  .filter(Boolean);

/** Which folders each folder may import from, besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "lib/catalog": ["lib", "discovery/src/shared"],
  "lib/backend": ["lib"],
  "lib/backup": ["lib"],
  "lib/docker": ["lib"],
  "lib/consul": ["lib", "lib/backup", "lib/catalog", "lib/docker", "lib/monitoring"],
  "lib/monitoring": ["lib", "lib/catalog"],
  "lib/policies": ["lib", "lib/catalog"],
  "lib/settings": ["lib", "lib/catalog"],
  lib: ["lib/settings", "lib/catalog"],
  stacks: ["lib", "lib/backend", "lib/catalog", "lib/docker", "lib/consul", "lib/monitoring", "lib/policies"],
  provision: ["lib", "lib/docker"],
  // What the discovery package and the platform both need. It comes first: a file is its first folder's.
  "discovery/src/shared": [],
  "discovery/src": ["discovery/src/shared"],
  programs: ["lib", "lib/catalog", "lib/backup", "lib/monitoring", "discovery/src/shared"],
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

/** What a file of `ops/` may not import: a verb, but for its declaration and its own folder; and what is for our tests. */
function strayImports(file: string, text: string): readonly string[] {
  const targets = [...text.matchAll(/(?:from |import\()"(\.[^"]+)"/g)].map(([, target = ""]) =>
    normalize(join(dirname(file), target)),
  );
  const ofVerbs = (target: string) => target.startsWith("ops/verbs/") && !/^ops\/(verbs|cli\/commands)\//.test(file);
  const ofAnother = (target: string) => /^ops\/verbs\/[^/]+$/.test(target) && file.startsWith("ops/verbs/");
  return targets.filter((each) => ofVerbs(each) || ofAnother(each) || /^(dev|bench)\//.test(each));
}

test("nothing imports a verb but its declaration, and `ops` nothing of `dev` or `bench`", () => {
  const found = sources
    .filter((file) => file.startsWith("ops/"))
    .flatMap((file) =>
      strayImports(file, readFileSync(join(ROOT, file), "utf8")).map((each) => `${file} imports ${each}`),
    );
  expect(found).toEqual([]);
  expect(strayImports("ops/platform/x.ts", 'import { up } from "../verbs/up";')).toEqual(["ops/verbs/up"]);
  expect(strayImports("ops/verbs/x.ts", 'await import("./up.js")')).toEqual(["ops/verbs/up.js"]);
  expect(strayImports("ops/docker/x.ts", 'import { a } from "../../dev/a";')).toEqual(["dev/a"]);
  expect(strayImports("ops/cli/commands/up.ts", 'await import("../../verbs/up.js")')).toEqual([]);
});

/** A way from a file over its imports back to itself. */
function circle(imports: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const target of imports.get(file) ?? []) {
      const found = walk(target, [...path, file]);
      if (found.length > 0) return found;
    }
    done.add(file);
    return [];
  };
  return [...imports.keys()].map((file) => walk(file, [])).find((found) => found.length > 0) ?? [];
}

test("no file imports itself over others, not as a type and not on demand", () => {
  const code = sources.filter((file) => !/(^|\/)__tests__\//.test(file));
  const targets = (file: string) =>
    [...readFileSync(join(ROOT, file), "utf8").matchAll(/(?: from |\bimport\()"(\.[^"]+)"/g)].map(([, target = ""]) =>
      normalize(join(dirname(file), target)).replace(/\.js$/, ".ts"),
    );
  expect(code.flatMap(targets).filter((target) => !existsSync(join(ROOT, target)))).toEqual([]);
  expect(circle(new Map(code.map((file) => [file, targets(file)])))).toEqual([]);
  const [a, b] = ["a.ts", "b.ts"];
  expect(
    circle(
      new Map([
        [a, [b]],
        [b, [a]],
      ]),
    ),
  ).toEqual([a, b, a]);
});

test("an import names the file that Node would load", () => {
  const others = (text: string) =>
    [...text.matchAll(/(?:from |import\(|import )"([^"\n]+)"/g)]
      .map(([, target = ""]) => target)
      .filter((target) => target.startsWith(".") || target.startsWith("@cdktf/provider-"))
      .filter((target) => !/\.(js|mjs|cjs|json)$/.test(target));
  const found = sources
    .filter((file) => !file.endsWith("house-rules.test.ts"))
    .flatMap((file) => others(readFileSync(join(ROOT, file), "utf8")).map((target) => `${file} imports ${target}`));
  expect(found).toEqual([]);
  expect(others('import { y } from "../consul/y.js"; await import("./z.cjs");')).toEqual([]);
  expect(others('import { y } from "../y"; import { z } from "./z.ts";')).toEqual(["../y", "./z.ts"]);
  expect(others('import { C } from "@cdktf/provider-docker/lib/container";')).toHaveLength(1);
});

test("an import against the direction is found", () => {
  expect(forbidden("lib/catalog/x.ts", 'import { y } from "../consul/y";')).toEqual(["lib/consul/y"]);
});

test("a program is bundled by its path: nothing imports one", () => {
  const ofPrograms = /(?:from |import\()"(?:\.\.?\/)+programs\//;
  const users = sources.filter((file) => !/^(programs|__tests__)\//.test(file));
  expect(users.filter((file) => ofPrograms.test(readFileSync(join(ROOT, file), "utf8")))).toEqual([]);
  expect(ofPrograms.test('import { x } from "../../programs/backup/scheduler.js";')).toBe(true);
});

test("the discovery package needs nothing but Node, and of it the catalog and the programs take what is shared", () => {
  const inDiscovery = (file: string) => file.startsWith("discovery/src/");
  const needed = /(?:from|import\() ?"(?!\.|node:)([^"]+)"/g;
  const needs = (file: string) =>
    [...readFileSync(join(ROOT, file), "utf8").matchAll(needed)].map(([, name = ""]) => name);
  // Loaded only where a catalog folder is named: an optional peer.
  expect(new Set(sources.filter(inDiscovery).flatMap(needs))).toEqual(new Set(OPTIONAL_PEERS));
  const users = sources.filter((file) => !/^(discovery|bench|__tests__)\//.test(file));
  const stray = (file: string, text: string) =>
    [...text.matchAll(/(?:from|import\() ?"((?:@rollcall|(?:\.\.?\/)+)\/?discovery\b[^"]*)"/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !/^(lib\/catalog|programs)\//.test(file) || !/^[./]+\/discovery\/src\/shared\//.test(target));
  expect(users.flatMap((file) => stray(file, readFileSync(join(ROOT, file), "utf8")))).toEqual([]);
  const [shared, index] = ["../../discovery/src/shared/x.js", "../../discovery/src/index.js"];
  expect(stray("lib/catalog/x.ts", `import { x } from "${shared}";`)).toEqual([]);
  expect(stray("lib/catalog/x.ts", `import { x } from "${index}";`)).toEqual([index]);
  expect(stray("lib/catalog/x.ts", 'import { x } from "@rollcall/discovery";')).toEqual(["@rollcall/discovery"]);
  expect(stray("ops/verbs/x.ts", `await import("${shared}")`)).toEqual([shared]);
});

test("what discovery shares with the platform needs nothing but Node and itself", () => {
  const outside = (text: string) =>
    [...text.matchAll(/(?:from|import\() ?"(?!\.\/|node:)([^"]+)"/g)].map(([, target = ""]) => target);
  const shared = sources.filter((file) => file.startsWith("discovery/src/shared/"));
  expect(shared.flatMap((file) => outside(readFileSync(join(ROOT, file), "utf8")))).toEqual([]);
  expect(shared.length).toBeGreaterThan(0);
  const imports = ["./a.ts", "node:net", "../b.ts", "yaml"].map((target) => `import { x } from "${target}";`);
  expect(outside(imports.join("\n"))).toEqual(["../b.ts", "yaml"]);
});

test("what npm packs imports nothing that it leaves behind", () => {
  const { files }: { readonly files: readonly string[] } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const isPacked = (path: string) => files.some((each) => path === each || path.startsWith(`${each}/`));
  const left = (file: string, text: string) =>
    [...text.matchAll(/(?:from |import\()"(\.[^"]+)"/g)]
      .map(([, target = ""]) => normalize(join(dirname(file), target)))
      .filter((target) => !isPacked(target));
  expect(sources.filter(isPacked).flatMap((file) => left(file, readFileSync(join(ROOT, file), "utf8")))).toEqual([]);
  expect(left("lib/x.ts", 'import { y } from "../discovery/src/y";')).toEqual(["discovery/src/y"]);
});

test("zod is imported by namespace where a program's bundle may take it along: by name it brings all its languages", () => {
  const byName = /^import (?!type |\* as z )[^;]* from "zod(?:\/[^"]*)?";/m;
  const found = sources.filter((file) => /^(lib|programs)\//.test(file));
  expect(found.filter((file) => byName.test(readFileSync(join(ROOT, file), "utf8")))).toEqual([]);
  expect(byName.test('import { z } from "zod";')).toBe(true);
  expect(byName.test('import * as z from "zod";')).toBe(false);
});

test("a setting's variable is read by lib/settings alone", () => {
  const names = [...KEYS.map((key) => declarationOf(key).variable), ...OUTSIDE.map(({ variable }) => variable)];
  const read = new RegExp(`\\benv(?:\\.|\\[")(?:${names.join("|")})\\b(?!: )`);
  const isOurs = (file: string) =>
    /^(lib|ops|programs|provision|stacks)\//.test(file) && !file.startsWith("lib/settings");
  const readers = sources.filter((file) => isOurs(file) && read.test(readFileSync(join(ROOT, file), "utf8")));
  expect(readers).toEqual([]);
  expect(['env.DOCKER_HOST === ""', 'process.env["TF_ENCRYPTION"]'].every((text) => read.test(text))).toBe(true);
});

test("no test is skipped, none stands alone, none compares with a snapshot file", () => {
  const weak = /\b(it|test|describe)\.(skip|todo|only)\b|toMatchSnapshot/;
  const found = sources.filter((file) => weak.test(readFileSync(join(ROOT, file), "utf8")));
  expect(found.filter((file) => !file.endsWith("house-rules.test.ts"))).toEqual([]);
  expect(weak.test(`test${".skip"}("x")`)).toBe(true);
});

test("no file depends on how it is worded: none reads its own text, and no recipe of provision reads source text", () => {
  const readsItself = (text: string) => /\b__filename\b|import\.meta\.filename/.test(text);
  const namesSource = (text: string) => /\.ts["`]/.test(text);
  const found = sources
    .filter((file) => !file.endsWith("house-rules.test.ts"))
    .filter((file) => {
      const text = readFileSync(join(ROOT, file), "utf8");
      return readsItself(text) || (file.startsWith("provision/") && namesSource(text));
    });
  expect(found).toEqual([]);
  expect(readsItself("keyOf(name, readFileSync(__filename))")).toBe(true);
  expect(namesSource('readFileSync(join(import.meta.dirname, "debian-image.ts"))')).toBe(true);
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
