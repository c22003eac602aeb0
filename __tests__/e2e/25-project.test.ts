/**
 * @needs clone
 * @areas package.json main.ts stacks/synth-project.ts ops/run.mjs ops/cli ops/cli/packages.cjs lib/settings ops/verbs/settings.ts
 *   docs/reference/settings.md
 * @seconds 250
 * @command test:all
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Instance } from "./support/instance.js";
import { command, docker, type Ended, output, platform, VERB_ENV } from "./support/platform.js";

/** A project that has Rollcall as a package, and two settings' files. */
let folder: string;
let project: string;
/** Where the two platforms stand. */
let places: readonly Instance[];

/** A verb in a shell in which no setting is set, called in a folder of the project. */
function rollcall(...args: readonly string[]): Promise<Ended> {
  return command("npx", ["--no", "rollcall", ...args], { cwd: join(project, "service-catalog"), env: VERB_ENV });
}

/** Names of the containers that run in a platform. */
async function running({ prefix }: Instance): Promise<readonly string[]> {
  const names = await docker("ps", "--format", "{{.Names}}", "--filter", `name=^${prefix}`);
  return names.split("\n").filter(Boolean).sort();
}

function settingsFile({ where, prefix }: Instance, more = ""): string {
  return [
    "consul: { servers: 1 }",
    `docker: { prefix: ${prefix}, control_subnet: ${where.controlSubnet}, platform_subnet: ${where.platformSubnet} }`,
    `ports: { http: ${where.httpPort}, https: ${where.httpsPort} }`,
    "services: { workloads: off }",
    more,
    "",
  ].join("\n");
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-project-"));
  project = join(folder, "our-platform");
  const number = process.pid % 1000;
  places = [await Instance.create(`prj${number}-`), await Instance.create(`stg${number}-`)];
  const [first, second] = places;
  if (first === undefined || second === undefined) throw new Error("no places");
  mkdirSync(join(project, "service-catalog"), { recursive: true });
  writeFileSync(join(project, "main.ts"), 'import { synthProject } from "rollcall";\n\nsynthProject();\n');
  writeFileSync(
    join(project, "cdktf.json"),
    JSON.stringify({ language: "typescript", app: "node --import rollcall/tsx main.ts", projectId: "our-platform" }),
  );
  writeFileSync(
    join(project, "service-catalog", "shop.yaml"),
    "team: shop\nservices:\n  orders: { port: 8080, address: orders, check: { kind: none, reason: nothing runs here } }\n",
  );
  writeFileSync(join(project, "rollcall.yaml"), settingsFile(first));
  writeFileSync(join(project, "staging.yaml"), settingsFile(second, "state: { folder: staging-state }"));
  await output("npm", ["pack", "--silent", "--pack-destination", folder], platform().folder);
  const [tarball = ""] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  await output("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", join(folder, tarball)], project);
});

afterAll(async () => {
  for (const place of places) await place.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe("a project of four files, with what npm pack gives", () => {
  test("lints its catalog and synthesizes, by the verb and as plain cdktf does", async () => {
    expect(await rollcall("catalog", "lint")).toMatchObject({ code: 0, stdout: "1 service of 1 team, no mistake\n" });
    const synth = await rollcall("synth");
    expect({ code: synth.code, stderr: synth.stderr }).toEqual({ code: 0, stderr: "" });
    expect(synth.stdout).toContain(join(project, "cdktf.out", "stacks", "registry"));
    const plain = await command("sh", ["-c", "node --import rollcall/tsx main.ts"], { cwd: project, env: VERB_ENV });
    expect(plain).toMatchObject({ code: 0, stderr: "" });
  });

  test("is asked for where there is none: a sentence, and nothing is downloaded", async () => {
    const bin = join(project, "node_modules", ".bin", "rollcall");
    expect(await command(bin, ["up"], { cwd: folder, env: VERB_ENV })).toMatchObject({
      code: 64,
      stdout: "",
      stderr: `There is no Rollcall project in ${folder} or above it: no cdktf.json.\nGo to your project's folder, and run this again.\n`,
    });
  });

  // Those that are supported besides the one that runs the tests; npm has each as a package.
  test.each(["22.23.5", "24.22.3"])("lints and synthesizes with Node %s too", async (version) => {
    const place = join(folder, `node-${version}`);
    mkdirSync(place);
    const name = `node-${process.platform}-${process.arch}`;
    await output("npm", ["install", "--no-audit", "--no-fund", "--prefix", place, `${name}@${version}`], place);
    const node = join(place, "node_modules", name, "bin", "node");
    const run = (verb: readonly string[]) =>
      command(node, [join(project, "node_modules", "rollcall", "ops", "run.mjs"), ...verb], {
        cwd: project,
        env: VERB_ENV,
      });
    expect(await run(["catalog", "lint"])).toMatchObject({ code: 0, stdout: "1 service of 1 team, no mistake\n" });
    expect(await run(["synth"])).toMatchObject({ code: 0, stderr: "" });
  });

  test("comes up from a fresh shell, in a folder below it; a second up changes nothing, and status says that all is well", async () => {
    expect(await rollcall("up")).toMatchObject({ code: 0 });
    const again = await rollcall("up");
    expect({ code: again.code, stdout: again.stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining("Nothing changed"),
    });
    expect(await rollcall("status")).toMatchObject({ code: 0, stdout: expect.stringContaining("All is well.") });
  });

  test("settings says that they are from the file, with its lines", async () => {
    const { code, stdout } = await rollcall("settings", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ variable: "ROLLCALL_SERVERS", value: "1", from: "rollcall.yaml:1" }),
        expect.objectContaining({ variable: "ROLLCALL_DATACENTER", value: "dc1", from: "default" }),
      ]),
    );
  });

  test("another file is another platform beside it, and its down leaves the first one as it is", async () => {
    const [first, second] = places;
    if (first === undefined || second === undefined) throw new Error("no places");
    const before = await running(first);
    const staging = ["--config", join(project, "staging.yaml")];
    expect(await rollcall("up", ...staging)).toMatchObject({ code: 0 });
    expect(await running(second)).toHaveLength(before.length);
    expect(await rollcall("verify", ...staging)).toMatchObject({ code: 0 });
    expect(await rollcall("down", "--yes", ...staging)).toMatchObject({ code: 0 });
    expect({ first: await running(first), second: await running(second) }).toEqual({ first: before, second: [] });
    expect(await rollcall("verify")).toMatchObject({ code: 0 });
  });

  test("down removes it", async () => {
    expect(await rollcall("down", "--yes")).toMatchObject({ code: 0 });
    expect(await docker("ps", "--all", "--quiet", "--filter", `name=^${places[0]?.prefix}`)).toBe("");
  });
});
