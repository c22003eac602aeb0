/**
 * @needs clone
 * @areas lib/consul-version.ts ops/platform/servers ops/platform/apply-platform.ts provision/consul-before-image.ts
 * @seconds 300
 * @command test:all
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AIMS } from "../../bench/aims.js";
import { CONSUL_VERSION } from "../../lib/consul-version.js";
import { Instance } from "../e2e/support/instance.js";
import { docker, type Ended, inTime } from "../e2e/support/platform.js";
import { call, Repeater } from "../e2e/support/poll.js";
import { underLoad } from "../e2e/support/under-load.js";

const OLDER = { ROLLCALL_CONSUL_VERSION: "1.22.3" };

const scratch = mkdtempSync(join(tmpdir(), "rollcall-chaos-upgrade-"));
let instance: Instance;
let backups: Readonly<Record<string, string>>;
/** Of the platform before the upgrade. */
let backup = "";

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
  const token = await instance.token("management", OLDER);
  await call("/v1/kv/before", { method: "PUT", token, body: "the upgrade", port: instance.httpPort });
  backups = await instance.backups(scratch);
  backup = (await instance.done("backup", [], { ...OLDER, ...backups })).split(" (")[0] ?? "";
}, 3_600_000);

afterEach(() => Repeater.stopAll());

afterAll(async () => {
  await instance.down();
  await instance.remove();
  rmSync(scratch, { recursive: true });
});

test("Consul 1.22.3 becomes 1.22.5 server by server, leadership handed over, and nothing acknowledged is lost", async () => {
  expect(await builds()).toEqual(all("1.22.3"));
  const aim = AIMS.upgrade.seconds;
  const token = await instance.token("management", OLDER);
  const traffic = { token, keys: "chaos-upgrade/", aim: aim.writes, atOnce: 40, at: instance };
  const { acknowledged, refused, failed } = await underLoad("the upgrade", traffic, async () => {
    const ended = await instance.run("up", { ROLLCALL_CONSUL_VERSION: CONSUL_VERSION });
    expectGood(ended);
    expect(ended.stderr).toMatch(/consul-server-\d leads now, instead of consul-server-\d/);
    inTime("1.22.3 to 1.22.5", ended.seconds, aim.up);
  });
  expect(acknowledged).toBeGreaterThan(200);
  expect({ refused, failed }).toEqual({ refused: 0, failed: 0 });
  expect(await builds()).toEqual(all("1.22.5"));
});

test("the backup of before is the way back: the older version runs again, with what there was", async () => {
  await instance.done("down", ["--yes"]);
  await instance.done("restore", [backup, "--yes"], { ...OLDER, ...backups });
  expect(await builds()).toEqual(all("1.22.3"));
  const token = await instance.token("management", OLDER);
  expect(await call("/v1/kv/before?raw", { token, port: instance.httpPort })).toBe("the upgrade");
  expect(await instance.done("up", [], OLDER)).toContain("Nothing changed");
});
