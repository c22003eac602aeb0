/**
 * @needs platform
 * @areas ops/rotate.ts ops/rotate ops/take-anew.ts ops/keyring.ts lib/consul/scripts/take-anew.sh
 *   lib/consul/certificate-authority.ts
 * @seconds 220
 */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { AIMS } from "../../bench/aims";
import { tokenDescription } from "../../lib/consul/acl-grant";
import { settingsFor } from "../../ops/fresh-clone";
import { served } from "../../ops/rotate/certificates";
import { HELD_ELSEWHERE, HELD_HERE } from "../../ops/rotate/tokens";
import { metAtServer, pairOf } from "./support/at-server";
import { containers, differing } from "./support/clone";
import { Cluster, MEMBERS, SERVERS, untilAllPass } from "./support/cluster";
import { mustFind, throughGateway, toAgent } from "./support/http";
import {
  apiJson,
  command,
  docker,
  type Ended,
  inTime,
  nameOf,
  platform,
  rollcall,
  token,
  until,
} from "./support/platform";
import { call, HealthWatch, Repeater, saidOf, summaryOf, told } from "./support/poll";
import { caCertificate, secretValues } from "./support/state";
import { underLoad } from "./support/under-load";

/** Keys of this file's own, far from the catalog's. */
const KEYS = "e2e-rotate/";
const AIM = AIMS.exchange.seconds;
/** Writes under way at once. */
const AT_ONCE = 40;

/** May write this file's keys, and is not exchanged: what it meets is not its own doing. */
let writing: { readonly AccessorID: string; readonly SecretID: string };

beforeAll(async () => {
  await untilAllPass(30);
  const management = await token("management");
  const Rules = `key_prefix "${KEYS}" { policy = "write" }`;
  await call("/v1/acl/policy", {
    method: "PUT",
    token: management,
    body: JSON.stringify({ Name: "e2e-rotate", Rules }),
  });
  const made = { Description: "e2e rotate", Policies: [{ Name: "e2e-rotate" }] };
  writing = JSON.parse(await call("/v1/acl/token", { method: "PUT", token: management, body: JSON.stringify(made) }));
});

afterEach(() => Repeater.stopAll());

afterAll(async () => {
  const management = await token("management");
  await call(`/v1/acl/token/${writing.AccessorID}`, { method: "DELETE", token: management });
  const { ID } = await apiJson<{ ID: string }>("/v1/acl/policy/name/e2e-rotate", management);
  await call(`/v1/acl/policy/${ID}`, { method: "DELETE", token: management });
  await untilAllPass(60);
});

async function rotate(...args: readonly string[]): Promise<Ended> {
  const ended = await rollcall("rotate", args);
  expect({ code: ended.code, stderr: ended.code === 0 ? "" : ended.stderr }).toEqual({ code: 0, stderr: "" });
  inTime(`rotate ${args.join(" ")}`, ended.seconds, AIM.verb);
  return ended;
}

/** Starts an exchange and does something as soon as it says this; gives how it ended. */
function when(
  args: readonly string[],
  says: string,
  deed: (group: number) => unknown,
): Promise<{ readonly code: number; readonly stderr: string }> {
  const test = platform();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["ops/run.mjs", "rotate", ...args], {
      cwd: test.folder,
      env: { ...process.env, ...settingsFor(test), NO_COLOR: "1" },
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    });
    let stderr = "";
    let done: unknown;
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      stderr += part;
      if (done !== undefined || child.pid === undefined || !stderr.includes(says)) return;
      done = deed(child.pid);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      Promise.resolve(done).then(() => resolve({ code: code ?? -1, stderr }), reject);
    });
  });
}

/** Starts an exchange and interrupts it, as Ctrl-C does, as soon as it says this. */
function interrupted(what: string, at: string) {
  return when([what], at, (group) => process.kill(-group, "SIGINT"));
}

const READ = { method: "GET", path: "/v1/health/service/billing_service?passing" } as const;

/** Reads by the other doors that applications use: the gateway's TLS, and the agent. Each read has a connection of its own. */
function otherReaders() {
  const ca = caCertificate();
  return [
    { name: "reads over TLS", reads: new Repeater(20, 20, () => mustFind(throughGateway(READ, { ca }))) },
    // Each is a `docker exec`.
    { name: "reads at the agent", reads: new Repeater(2, 20, () => mustFind(toAgent(READ))) },
  ];
}

/** Does it under a writer, readers, one of them with a token, and a look at every service; tells what they met. */
async function exchanged(what: string, readerToken: string, work: () => Promise<unknown>) {
  const before = await containers();
  const watch = await HealthWatch.start();
  const traffic = {
    token: writing.SecretID,
    keys: `${KEYS}${what.replace(/\W+/g, "-")}/`,
    aim: AIM.writes,
    atOnce: AT_ONCE,
    readerToken,
  };
  const others = otherReaders();
  const { acknowledged, refused, failed } = await underLoad(what, traffic, work);
  let missed = 0;
  for (const { name, reads } of others) {
    const attempts = await reads.stop();
    told(`${name}, ${what}`, attempts, AIM.writes);
    missed += summaryOf(attempts).failed;
  }
  const { left, services, ...polls } = await watch.stop(what);
  // The shortest exchange ends within 2 s.
  expect(acknowledged).toBeGreaterThan(AT_ONCE);
  expect({ left, services }).toEqual({ left: {}, services: 40 });
  const replaced = differing(before, await containers()).filter((name) => !/-(config|secrets|servers)$/.test(name));
  return { refused, failed: failed + missed + polls.failed, replaced };
}

/** Each token of the platform that `rotate -- tokens` exchanges, by its name: what Consul has, not what is expected. */
async function exchangedTokens(): Promise<ReadonlyMap<string, string>> {
  const management = await token("management");
  const listed = await apiJson<{ AccessorID: string; Description: string }[]>("/v1/acl/tokens", management);
  const named = [...HELD_HERE, ...HELD_ELSEWHERE].map((name) => [name, tokenDescription(name)] as const);
  const found = listed.flatMap(({ AccessorID, Description }) => {
    const name = named.find(([, description]) => description === Description)?.[0];
    return name === undefined ? [] : [{ name, AccessorID }];
  });
  const secrets = found.map(async ({ name, AccessorID }) => {
    const { SecretID } = await apiJson<{ SecretID: string }>(`/v1/acl/token/${AccessorID}`, management);
    return [name, SecretID] as const;
  });
  return new Map(await Promise.all(secrets));
}

test("without a word, or with a wrong one, it says how it is called and changes nothing", async () => {
  for (const args of [[], ["everything"], ["gossip", "--finish"]]) {
    const { code, stderr } = await rollcall("rotate", args);
    expect({ code, said: stderr.trim().split("\n").at(-1) }).toEqual({
      code: 1,
      said: expect.stringMatching(
        /^Run `npm run rotate -- tokens \[--finish\]` or .*`npm run rotate -- management`\.$/,
      ),
    });
  }
});

test("tokens: interrupted and run again, nothing fails, and the old ones are refused", async () => {
  const old = await exchangedTokens();
  // Two more are there by setting alone.
  const byDefault = [...HELD_HERE, ...HELD_ELSEWHERE].filter((name) => !["backup", "legacy"].includes(name));
  expect([...old.keys()].sort()).toEqual(byDefault.sort());
  const said = async () =>
    Object.fromEntries(await Promise.all([...old].map(async ([name, secret]) => [name, await saidOf(secret)])));
  const all = (what: string) => Object.fromEntries([...old.keys()].map((name) => [name, what]));
  const met = await exchanged("tokens", old.get("discovery") ?? "", async () => {
    const cut = await interrupted("tokens", "new ones beside the old");
    expect({ code: cut.code, said: cut.stderr.trim().split("\n").at(-1) }).toEqual({
      code: 1,
      said: "Interrupted. The next run continues from here.",
    });
    expect((await rotate("tokens")).stderr).toContain("agent and registrar have their new tokens");
  });
  expect(met).toMatchObject({ refused: 0, failed: 0, replaced: [] });

  const here = { agent: "refused", registration: "refused", registrar: "refused" };
  expect(await said()).toEqual({ ...all("taken"), ...here });
  const fresh = [await token("discovery"), await token("operator")];
  const saidOfFresh = () => Promise.all(fresh.map((secret) => saidOf(secret)));
  expect(await saidOfFresh()).toEqual(["taken", "taken"]);
  expect(fresh.filter((each) => [...old.values()].includes(each))).toEqual([]);

  const finished = await exchanged("tokens --finish", fresh[0] ?? "", () => rotate("tokens", "--finish"));
  expect(finished).toEqual({ refused: 0, failed: 0, replaced: [] });
  // Terraform leaves a copy of the state, where the old ones are, when it is told to forget them.
  const left = readdirSync(`${platform().folder}/cdktf.out/stacks/access`);
  expect(left.filter((name) => name.endsWith(".backup"))).toEqual([]);
  expect(await said()).toEqual(all("refused"));
  expect(await saidOfFresh()).toEqual(["taken", "taken"]);
  expect((await rotate("tokens", "--finish")).stdout).toContain("nothing to take away");
});

test("gossip: nothing restarts or fails, and whoever has the old key alone cannot join", async () => {
  const before = Object.keys((await keyring())[0]?.Keys ?? {});
  expect(before).toHaveLength(1);
  const met = await exchanged("gossip", await token("discovery"), () => rotate("gossip"));
  expect(met).toMatchObject({ refused: 0, failed: 0, replaced: [] });

  const pools = await keyring();
  expect(pools.map(({ NumNodes, Keys }) => [NumNodes, Object.values(Keys)])).toEqual([
    [3, [3]],
    [4, [4]],
  ]);
  expect(pools.flatMap(({ Keys }) => Object.keys(Keys)).filter((key) => before.includes(key))).toEqual([]);
  const stranger = await join(before[0] ?? "");
  expect({ code: stranger.code, said: stranger.stdout }).toEqual({
    code: 1,
    said: expect.stringContaining("No installed keys could decrypt the message"),
  });
  const nodes = await apiJson<{ Node: string }[]>("/v1/catalog/nodes");
  expect(nodes.map(({ Node }) => Node)).not.toContain("stranger");
});

test("certificates: each member shows a new one, nothing restarts, and an old one is refused", async () => {
  const serials = () => Promise.all(MEMBERS.map(async (name) => (await served(platform().prefix, name)).serialNumber));
  const before = await serials();
  const old = await pairOf("consul-agent-shared");
  expect(await metAtServer(old)).toEqual({ rpc: "taken", https: "taken" });
  const met = await exchanged("certificates", await token("discovery"), () => rotate("certificates"));
  expect(met).toMatchObject({ refused: 0, failed: 0, replaced: [] });
  const after = await serials();
  expect(new Set([...before, ...after]).size).toBe(2 * MEMBERS.length);
  const refused = expect.stringMatching(/unknown.ca|bad certificate/i);
  expect(await metAtServer(old)).toEqual({ rpc: refused, https: refused });
  expect(await metAtServer(await pairOf("consul-agent-shared"))).toEqual({ rpc: "taken", https: "taken" });
});

test("management: the servers alone are replaced, and the old token is refused", async () => {
  const old = await token("management");
  const met = await exchanged("management", await token("discovery"), () => rotate("management"));
  expect(met).toEqual({ refused: 0, failed: 0, replaced: SERVERS.map(nameOf) });
  const now = await token("management");
  expect(now).not.toBe(old);
  expect([await saidOf(old), await saidOf(now)]).toEqual(["refused", "taken"]);
});

test("afterwards all stands as declared, up finds nothing to change, and nothing secret was said", async () => {
  expect(await rollcall("verify")).toMatchObject({ code: 0 });
  const upped = await rollcall("up");
  expect(upped).toMatchObject({ code: 0, stdout: expect.stringContaining("Nothing changed") });
  const secrets = [...secretValues().values()];
  expect(secrets.length).toBeGreaterThan(10);
  expect(secrets.filter((secret) => (upped.stdout + upped.stderr).includes(secret))).toEqual([]);
});

test("where nobody leads it waits for somebody, and then goes on", async () => {
  const [, ...two] = SERVERS.map(nameOf);
  const start = () => docker("start", ...two);
  const cluster = new Cluster(await token("management"));
  try {
    // As meant: what crashes comes back by itself.
    await docker("kill", ...two);
    await until("nobody leads", 10, async () => (await call("/v1/status/leader")).trim() === '""');
    const { code, stderr } = await when(["tokens", "--finish"], "waiting for a leader: ", start);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining("waiting for a leader: Consul does not answer"),
    });
  } finally {
    await start();
    await cluster.untilWhole("three healthy peers again", 20);
  }
});

interface Pool {
  readonly WAN: boolean;
  readonly NumNodes: number;
  readonly Keys: Readonly<Record<string, number>>;
}

async function keyring(): Promise<readonly Pool[]> {
  const pools = await apiJson<Pool[]>("/v1/operator/keyring", await token("management"));
  return [...pools].sort((a, b) => a.NumNodes - b.NumNodes);
}

/** An agent of nobody's that tries to join with this key, and ends when it cannot. */
async function join(key: string): Promise<Ended> {
  const image = (await docker("inspect", "--format", "{{.Image}}", nameOf("consul-server-1"))).trim();
  const config = {
    ...{ datacenter: "dc1", node_name: "stranger", data_dir: "/tmp/data", encrypt: key },
    ...{ retry_join: ["staging-consul"], retry_max: 2, retry_interval: "1s", ports: { http: -1, dns: -1 } },
  };
  const place = ["run", "--rm", "-i", "--network", nameOf("rollcall-control"), "--entrypoint", "/bin/sh", image];
  const script = "cat >/tmp/agent.json; exec /bin/consul agent -config-file=/tmp/agent.json 2>&1";
  return command("docker", [...place, "-c", script], { input: JSON.stringify(config) });
}
