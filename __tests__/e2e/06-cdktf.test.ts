import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { applied, containers, differing, inClone, plainCdktf } from "./support/clone";
import { untilAllPass } from "./support/cluster";
import { docker, npm, platform, token } from "./support/platform";

const STACKS = [
  "access",
  "foundation",
  "gateway",
  "queries",
  "registry",
  "server-1",
  "server-2",
  "server-3",
  "workloads",
];
/** All that the commands below printed, and the secrets that must not be in it. */
let printed = "";
const secrets: string[] = [];

/** A plain `npx cdktf` in the clone; what it prints is kept. */
async function cdktf(args: string, before = ""): Promise<string> {
  const text = await plainCdktf(args, before);
  printed += text;
  return text;
}

/** What its applies say they did, each once. It loses the last lines of a stack now and then, so they are not counted. */
function sums(text: string): readonly string[] {
  return [...new Set(text.match(/Apply complete! Resources: .*/g))];
}

const stateSchema = z.object({ resources: z.array(z.object({ type: z.string(), instances: z.array(z.unknown()) })) });

/** Notes the secrets that the platform has now: tokens, keys and what they were made of. */
async function noteSecrets(): Promise<void> {
  for (const name of ["management", "metrics", "discovery", "operator"]) secrets.push(await token(name));
  const text = readFileSync(join(platform().folder, "state", "foundation.tfstate"), "utf8");
  const made = stateSchema.parse(JSON.parse(text)).resources.filter(({ type }) => /^random_|private_key$/.test(type));
  // A key is printed line by line: its second one is enough to know it by.
  for (const [, value = ""] of JSON.stringify(made).matchAll(/"(?:hex|base64|private_key_pem)":"([^"]+)"/g))
    secrets.push(value.split("\\n")[1] ?? value);
}

/** Containers, networks and volumes of the platform, and what its containers mount, by name or without. */
async function owned(): Promise<readonly string[]> {
  const instance = readFileSync(join(platform().folder, "state", "instance"), "utf8").trim();
  const filter = ["--filter", `label=rollcall.instance=${instance}`];
  const [containers = "", ...others] = await Promise.all([
    docker("ps", "--all", "--quiet", ...filter),
    docker("network", "ls", "--quiet", ...filter),
    docker("volume", "ls", "--quiet", ...filter),
  ]);
  const ids = containers.split("\n").filter(Boolean);
  const mounts = "{{range .Mounts}}{{println .Name}}{{end}}";
  const mounted = ids.length === 0 ? "" : await docker("inspect", "--format", mounts, ...ids);
  return [...ids, ...others.join("\n").split("\n"), ...mounted.split("\n")].filter(Boolean);
}

beforeAll(async () => {
  await untilAllPass(30);
  await noteSecrets();
});

describe("the CDK for Terraform itself, after npm run up", () => {
  test("synth writes every stack", async () => {
    const text = await cdktf("synth", "rm -rf cdktf.out; umask 022;");
    for (const stack of STACKS) expect(text).toMatch(new RegExp(`\\b${stack}\\b`));
  });

  test("diff of one stack finds no change", async () => {
    const text = await cdktf("diff registry", "umask 022;");
    expect(text).toContain("No changes. Your infrastructure matches the configuration.");
  });

  test("deploy of all stacks changes nothing", async () => {
    const before = await containers();
    const text = await cdktf("deploy '*' --auto-approve");
    expect(differing(before, await containers())).toEqual([]);
    expect(sums(text)).toEqual(["Apply complete! Resources: 0 added, 0 changed, 0 destroyed."]);
  });

  test("others can read nothing of what it leaves, the plan of a diff included, whatever the umask", () => {
    const { folder } = platform();
    expect(existsSync(join(folder, "cdktf.out", "stacks", "registry", "plan"))).toBe(true);
    for (const each of ["cdktf.out", "state"])
      expect((statSync(join(folder, each)).mode & 0o777).toString(8)).toBe("700");
  });
});

describe("destroy and deploy without the verbs", () => {
  test("destroy without leave is refused: a server's data is protected", async () => {
    const terraform = '"${ROLLCALL_TERRAFORM:-terraform}" -chdir=cdktf.out/stacks/server-1';
    const ended = await inClone(`${terraform} init -input=false && ${terraform} plan -destroy -input=false -no-color`);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/Instance cannot be destroyed/);
  });

  test("destroy takes everything away, volumes without a name included", async () => {
    const before = await owned();
    expect(before.length).toBeGreaterThan(60);
    await cdktf("destroy '*' --auto-approve --parallelism 1 --terraform-parallelism 1", "ROLLCALL_PROTECT=off");
    expect(await owned()).toEqual([]);
    const volumes = (await docker("volume", "ls", "--quiet")).split("\n");
    expect(before.filter((name) => volumes.includes(name))).toEqual([]);
  });

  test("deploy brings it up from nothing, stack by stack, and all 40 services pass", async () => {
    const text = await cdktf("deploy '*' --auto-approve", "rm -rf cdktf.out;");
    for (const sum of sums(text)) expect(sum).toMatch(/ [1-9]\d* added, 0 changed, 0 destroyed\.$/);
    await untilAllPass(60);
  });

  test("up finds nothing to change in it", async () => {
    const { code, stdout, stderr } = await npm("up");
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("Nothing changed") });
    expect(Object.keys(applied(stderr)).sort()).toEqual(STACKS);
  });

  test("no secret was printed, by no plan, deploy or destroy", async () => {
    await noteSecrets();
    // Twice: four tokens, seven private keys, four random values in two forms.
    expect(new Set(secrets).size).toBe(38);
    expect(printed).toContain("<sensitive>");
    expect(secrets.filter((secret) => printed.includes(secret))).toEqual([]);
  });
});
