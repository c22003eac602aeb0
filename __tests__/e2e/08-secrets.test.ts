/**
 * @needs platform
 * @areas lib/consul/tls/certificate-authority.ts lib/docker/carrier.ts lib/private-folder.ts ops/terraform/state-files.ts
 *   ops/verbs/token.ts ops/verbs/env.ts ops/consul/keyring.ts stacks
 * @seconds 100
 */
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import { command, docker, output, platform, rollcall, until } from "./support/platform.js";
import { instanceName, outputInState, secretValues } from "./support/state.js";

const { folder } = platform();
const state = join(folder, "state");
const synthesized = join(folder, "cdktf.out");
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "rollcall");
const STACKS = [
  "foundation",
  "server-1",
  "server-2",
  "server-3",
  "gateway",
  "access",
  "queries",
  "registry",
  "monitor",
  "monitoring",
  "workloads",
];

let secrets: ReadonlyMap<string, string>;
/** The exports of `npx rollcall env`, with which plain Terraform works. */
let terraformEnv: Record<string, string>;
beforeAll(async () => {
  secrets = secretValues();
  const { stdout } = await rollcall("env");
  const lines = stdout.split("\n").flatMap((line) => [...line.matchAll(/^export (\w+)='?(.*?)'?$/g)]);
  terraformEnv = Object.fromEntries(lines.map(([, name = "", value = ""]) => [name, value]));
});

/** Which secrets stand in a text, by what they are; never the secret itself, for it would then stand in CI's log. */
function secretsIn(text: string): readonly string[] {
  return [...secrets].filter(([, value]) => text.includes(value)).map(([what]) => what);
}

/** Every file in a folder that is not a link. */
function filesIn(start: string, without: readonly string[] = []): readonly string[] {
  return readdirSync(start, { withFileTypes: true }).flatMap((entry) => {
    const path = join(start, entry.name);
    if (without.includes(path)) return [];
    return entry.isDirectory() ? filesIn(path, without) : entry.isFile() ? [path] : [];
  });
}

/** Every folder below one, and itself. */
function foldersIn(start: string): readonly string[] {
  const below = readdirSync(start, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [start, ...below.flatMap(({ name }) => foldersIn(join(start, name)))];
}

/** Those whose mode is not this one, with the one that they have. */
function notOfMode(mode: number, paths: readonly string[]): readonly string[] {
  return paths.filter((path) => modeOf(path) !== mode).map((path) => `${path} ${modeOf(path).toString(8)}`);
}

function modeOf(path: string): number {
  return lstatSync(path).mode & 0o777;
}

/** The same work for each of many things, four at a time. */
async function forEach<T, R>(things: readonly T[], work: (thing: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = [...things.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return results;
}

function terraform(stack: string, ...args: readonly string[]): Promise<string> {
  const program = process.env.ROLLCALL_TERRAFORM || "terraform";
  return command(program, args, { cwd: join(synthesized, "stacks", stack), env: terraformEnv }).then((ended) => {
    if (ended.code !== 0) throw new Error(`terraform ${args.join(" ")} in ${stack}: ${ended.stderr}`);
    return ended.stdout;
  });
}

/** Each stack with the secrets in the text of its plan. */
function secretsInPlans(...options: readonly string[]) {
  const plan = ["plan", "-no-color", "-input=false", "-lock=false", "-refresh=false", ...options];
  return forEach(STACKS, async (stack) => [stack, secretsIn(await terraform(stack, ...plan))]);
}

async function labelled(...filter: readonly string[]): Promise<readonly string[]> {
  const own = ["--filter", `label=rollcall.instance=${instanceName()}`];
  return (await docker("ps", "--all", "--quiet", ...own, ...filter)).split("\n").filter(Boolean);
}

test("the search knows every secret: ten tokens, two gossip keys in both their forms, seven private keys", () => {
  const matching = (pattern: RegExp) => [...secrets.values()].filter((value) => pattern.test(value));
  const given = ["metrics", "discovery", "dynamic", "heartbeat", "operator"].map((name) =>
    outputInState("access", `token-${name}`),
  );
  const uuids = matching(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
  expect([outputInState("foundation", "token-management"), ...given].filter((each) => !uuids.includes(each))).toEqual(
    [],
  );
  // The next management token and the next gossip key, which `rotate` puts in the places of these, count as well.
  expect(uuids).toHaveLength(11);
  expect([matching(/^[0-9a-f]{64}$/).length, matching(/^[\w+/]{43}=$/).length]).toEqual([2, 2]);
  // The CA and the next one, three servers, the agent, the gateway, the monitor; what an EC private key begins with.
  expect(matching(/^MHcCAQEEI/)).toHaveLength(8);
});

describe("no secret stands", () => {
  test("in what synth writes", () => {
    const files = filesIn(synthesized);
    expect(files.length).toBeGreaterThanOrEqual(STACKS.length);
    for (const file of files)
      expect([relative(folder, file), secretsIn(readFileSync(file, "utf8"))]).toEqual([relative(folder, file), []]);
  });

  test.each([
    ["from nothing", ["-state=/nonexistent/rollcall"]],
    ["of what runs", []],
  ])("in the text of a plan %s", async (_, options) => {
    expect(await secretsInPlans(...options)).toEqual(STACKS.map((stack) => [stack, []]));
  });

  test("in the text of a plan that takes all away", async () => {
    // Without this leave Terraform plans nothing that destroys the servers' data.
    expect(await rollcall("synth", [], { ROLLCALL_PROTECT: "off" })).toMatchObject({ code: 0 });
    try {
      expect(await secretsInPlans("-destroy")).toEqual(STACKS.map((stack) => [stack, []]));
    } finally {
      expect(await rollcall("synth")).toMatchObject({ code: 0 });
    }
  });

  test("in what `terraform show` says of the resources", async () => {
    // It is the state that it prints: what a stack read of another stack's outputs stands in it (docs/security.md).
    const texts = await forEach(STACKS, async (stack) => {
      const shown = await terraform(stack, "show", "-no-color");
      return [stack, secretsIn(shown.replace(/^data "terraform_remote_state" [\s\S]*?^}$/gm, ""))];
    });
    expect(texts).toEqual(STACKS.map((stack) => [stack, []]));
  });

  test("in any container's log", async () => {
    const logs = await forEach(await labelled("--filter", "status=running"), async (id) => {
      const { stdout, stderr } = await command("docker", ["logs", id]);
      return secretsIn(stdout + stderr);
    });
    expect(logs.flat()).toEqual([]);
    expect(logs).toHaveLength(47);
  });

  test("in what docker inspect says of containers, volumes, networks and images", async () => {
    const containers = await docker("inspect", ...(await labelled()));
    const own = ["--quiet", "--filter", `label=rollcall.instance=${instanceName()}`];
    const volumes = (await docker("volume", "ls", ...own)).split("\n").filter(Boolean);
    const networks = (await docker("network", "ls", ...own)).split("\n").filter(Boolean);
    const images = new Set([...containers.matchAll(/"Image": "(sha256:\w+)"/g)].map(([, id = ""]) => id));
    expect([volumes.length > 10, networks.length, images.size]).toEqual([true, 2, 3]);
    const texts = [
      containers,
      await docker("volume", "inspect", ...volumes),
      await docker("network", "inspect", ...networks),
      await docker("image", "inspect", ...images),
    ];
    expect(texts.map(secretsIn)).toEqual([[], [], [], []]);
  });

  test("on any container's command line", async () => {
    const lines = await forEach(await labelled("--filter", "status=running"), (id) =>
      docker("top", id, "-eo", "pid,args"),
    );
    expect(secretsIn(lines.join("\n"))).toEqual([]);
  });

  test("on the command line of anything that the verbs call", async () => {
    let seen = "";
    let ended = false;
    const verbs = Promise.all([rollcall("verify"), rollcall("token", ["operator"])]).finally(() => {
      ended = true;
    });
    await until("verify and token looked at by ps", 60, async () => {
      seen += await output("ps", ["-eo", "args"]);
      return ended;
    });
    expect((await verbs).map(({ code }) => code)).toEqual([0, 0]);
    expect(seen).toMatch(/ops\/main\.ts verify/);
    expect(secretsIn(seen)).toEqual([]);
  });

  test("in any file of the clone but the state", () => {
    const files = filesIn(folder, [state, join(folder, "node_modules"), join(folder, ".git")]);
    const found = files.filter((file) => secretsIn(readFileSync(file, "latin1")).length > 0);
    expect(found).toEqual([]);
  });

  test("in the cache folder's files, its log of dockerd included", () => {
    if (!existsSync(cache)) return;
    // What was downloaded or built came before any secret; it is too large to be read as text.
    const files = filesIn(cache).filter((file) => lstatSync(file).size < 32 * 2 ** 20);
    expect(files.filter((file) => secretsIn(readFileSync(file, "latin1")).length > 0)).toEqual([]);
  });
});

describe("nobody else on this machine can read", () => {
  test("the state: every folder is 0700 and every file 0600", () => {
    expect(notOfMode(0o700, foldersIn(state))).toEqual([]);
    expect(notOfMode(0o600, filesIn(state))).toEqual([]);
  });

  test("what synth and Terraform write: every folder is 0700, those of .terraform too, and no file is open", () => {
    const folders = foldersIn(synthesized);
    expect(folders.filter((path) => path.endsWith("/.terraform"))).toHaveLength(STACKS.length);
    expect(notOfMode(0o700, folders)).toEqual([]);
    // Terraform gives its lock file a mode of its own; checksums of providers are in it.
    const open = filesIn(synthesized).filter((file) => (modeOf(file) & 0o077) !== 0);
    expect(open.filter((file) => !file.endsWith("/.terraform.lock.hcl"))).toEqual([]);
  });

  test("the cache, which its folder closes: what tools put into it has modes of its own", () => {
    expect(modeOf(cache)).toBe(0o700);
  });

  test("the volumes with secrets in them, which the one container mounts that they are for", async () => {
    const containers: { Name: string; Mounts: { Name?: string; Destination: string }[] }[] = JSON.parse(
      await docker("inspect", ...(await labelled())),
    );
    const holders = new Map<string, string[]>();
    for (const { Name, Mounts } of containers)
      for (const { Name: volume = "" } of Mounts)
        if (volume.endsWith("-secrets")) holders.set(volume, [...(holders.get(volume) ?? []), Name.slice(1)]);
    const names = [
      "consul-agent-shared",
      "consul-monitor",
      "consul-registrar",
      ...["consul-server-1", "consul-server-1-tokens"],
      ...["consul-server-2", "consul-server-2-tokens"],
      ...["consul-server-3", "consul-server-3-tokens"],
      "consul-ui",
    ];
    const { prefix } = platform();
    expect(Object.fromEntries([...holders].map(([volume, by]) => [volume, by.sort()]))).toEqual(
      // The carrier that fills it, which never runs, and the container itself.
      Object.fromEntries(
        names.map((name) => [
          `${prefix}${name}-secrets`,
          [`${prefix}${name.replace(/-tokens$/, "")}`, `${prefix}${name}-secrets`],
        ]),
      ),
    );
  });
});

describe("npx rollcall token NAME", () => {
  test.each([
    ["management", "foundation"],
    ["metrics", "access"],
    ["discovery", "access"],
    ["operator", "access"],
  ])("%s prints that token on one line and nothing else", async (name, stack) => {
    const { code, stdout, stderr } = await rollcall("token", [name]);
    expect({ code, lines: stdout.split("\n").length }).toEqual({ code: 0, lines: 2 });
    expect(stdout === `${outputInState(stack, `token-${name}`)}\n`).toBe(true);
    expect(secretsIn(stderr)).toEqual([]);
  });
});
