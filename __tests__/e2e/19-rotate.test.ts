/**
 * @needs platform
 * @areas ops/verbs/rotate.ts ops/verbs/rotate ops/consul/reload-secrets.ts ops/consul/keyring.ts lib/consul/scripts/take-anew.sh
 * @seconds 200
 */
import { readdirSync } from "node:fs";
import { tokenDescription } from "../../lib/consul/acl/acl-grant.js";
import { HELD_ELSEWHERE, HELD_HERE } from "../../ops/verbs/rotate/tokens.js";
import { untilAllPass } from "./support/cluster.js";
import { Exchanges, expectAsDeclared, rotate, rotateWhen } from "./support/exchanges.js";
import { apiJson, command, docker, type Ended, nameOf, platform, rollcall, token } from "./support/platform.js";
import { Repeater, saidOf } from "./support/poll.js";

let exchanges: Exchanges;

beforeAll(async () => {
  exchanges = await Exchanges.create("e2e-rotate");
});

afterEach(() => Repeater.stopAll());

afterAll(async () => {
  await exchanges.remove();
  await untilAllPass(60);
});

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
      code: 64,
      said: expect.stringMatching(/Run `npx rollcall rotate( gossip)? --help`\.$/),
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
  const met = await exchanges.met("tokens", old.get("discovery") ?? "", async () => {
    const cut = await rotateWhen(["tokens"], "new ones beside the old", (group) => process.kill(-group, "SIGINT"));
    expect({ code: cut.code, said: cut.stderr.trim().split("\n").at(-1) }).toEqual({
      code: 1,
      said: "Interrupted. The next run continues from here.",
    });
    expect((await rotate("tokens")).stderr).toContain("agent and registrar have their new tokens");
  });
  expect(met).toMatchObject({ refused: 0, failed: 0, replaced: [] });

  const here = { agent: "refused", registration: "refused", registrar: "refused", monitor: "refused" };
  expect(await said()).toEqual({ ...all("taken"), ...here });
  const fresh = [await token("discovery"), await token("operator")];
  const saidOfFresh = () => Promise.all(fresh.map((secret) => saidOf(secret)));
  expect(await saidOfFresh()).toEqual(["taken", "taken"]);
  expect(fresh.filter((each) => [...old.values()].includes(each))).toEqual([]);

  const finished = await exchanges.met("tokens --finish", fresh[0] ?? "", () => rotate("tokens", "--finish"));
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
  const met = await exchanges.met("gossip", await token("discovery"), () => rotate("gossip"));
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

test("afterwards all stands as declared, up finds nothing to change, and nothing secret was said", expectAsDeclared);

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
