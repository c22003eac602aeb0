import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Instance } from "../e2e/support/instance";
import { docker, type Ended, measured } from "../e2e/support/platform";
import { Repeater } from "../e2e/support/poll";
import { Writer } from "../e2e/support/writer";

const OLDER = { ROLLCALL_CONSUL_VERSION: "1.22.3" };

let instance: Instance;

/** Node → the version of Consul that it runs, as gossip has it. */
async function builds(): Promise<Readonly<Record<string, string>>> {
  const text = await docker("exec", `${instance.prefix}consul-server-1`, "consul", "members");
  const rows = text.trim().split("\n").slice(1);
  return Object.fromEntries(rows.map((row) => row.split(/\s+/)).map(([node, , , , build]) => [node, build]));
}

function all(version: string): Readonly<Record<string, string>> {
  const nodes = ["consul-server-1", "consul-server-2", "consul-server-3", "consul-agent-shared"];
  return Object.fromEntries(nodes.map((node) => [node, version]));
}

function expectGood(ended: Ended): void {
  expect({ code: ended.code, stderr: ended.code === 0 ? "" : ended.stderr }).toEqual({ code: 0, stderr: "" });
}

beforeAll(async () => {
  instance = await Instance.create("upgrade-", 3);
  // Where images are built here, the older version is built now: about 10 minutes, once.
  expectGood(await instance.run("up", OLDER));
}, 3_600_000);

afterEach(() => Repeater.stopAll());

afterAll(async () => {
  await instance.run("down");
  await instance.remove();
});

test("Consul 1.22.3 becomes 1.22.5 server by server, leadership handed over, and nothing acknowledged is lost", async () => {
  expect(await builds()).toEqual(all("1.22.3"));
  const state: { outputs: Record<string, { value: string }> } = JSON.parse(
    readFileSync(join(instance.state, "foundation.tfstate"), "utf8"),
  );
  const writer = new Writer(state.outputs["token-management"]?.value ?? "", "chaos-upgrade/", instance.httpPort);
  const ended = await instance.run("up");
  const { acknowledged, refused, gap, lost } = await writer.stop();

  expectGood(ended);
  expect(ended.stderr).toMatch(/consul-server-\d leads now, instead of consul-server-\d/);
  measured("1.22.3 to 1.22.5", ended.seconds, 60);
  measured("acknowledged writes during the upgrade", acknowledged, "some", "writes");
  measured("writes refused during the upgrade", refused, "few", "writes");
  measured("longest gap between acknowledged writes", gap, 3);
  expect(lost).toEqual([]);
  expect(acknowledged).toBeGreaterThan(200);
  expect(gap).toBeLessThan(9);
  expect(await builds()).toEqual(all("1.22.5"));
});
