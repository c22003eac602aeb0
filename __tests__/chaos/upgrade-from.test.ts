/**
 * @needs clone
 * @areas ops/platform/bring-up.ts ops/platform/apply-platform.ts ops/platform/up-record.ts stacks lib/docker
 * @seconds 200
 * @command test:all
 * @asks ROLLCALL_TEST_FROM
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Instance } from "../e2e/support/instance.js";
import { command, type Ended, inTime, measured, output } from "../e2e/support/platform.js";
import { call, HealthWatch, Repeater } from "../e2e/support/poll.js";
import { underLoad } from "../e2e/support/under-load.js";

/** The commit that the platform is set up by: `ROLLCALL_TEST_FROM=REF npm run test:chaos -- upgrade-from`. */
const FROM = process.env.ROLLCALL_TEST_FROM ?? "";
const ROOT = join(import.meta.dirname, "..", "..");

const folder = mkdtempSync(join(tmpdir(), "rollcall-chaos-from-"));
const older = join(folder, "rollcall");
let instance: Instance;

/** Each run has the whole catalog of the clone that it is called in, with its stand-ins. */
const WHOLE = { ROLLCALL_CATALOG: "service-catalog", ROLLCALL_WORKLOADS: "on" };

function expectGood(ended: Ended): void {
  expect({ code: ended.code, stderr: ended.code === 0 ? "" : ended.stderr }).toEqual({ code: 0, stderr: "" });
}

beforeAll(async () => {
  instance = await Instance.create("from-", 3);
  mkdirSync(older);
  await output("sh", ["-c", 'git archive "$0" | tar -x -C "$1"', FROM, older], ROOT);
  // An older commit does not know all of these, and refuses what it does not know; an empty one counts as not set.
  const unset = ["ROLLCALL_CONFIG", ...Object.keys(process.env).filter((name) => name.startsWith("ROLLCALL_TEST_"))];
  const env = { ...instance.settings, ...WHOLE, ...Object.fromEntries(unset.map((name) => [name, ""])) };
  expectGood(await command(process.execPath, ["ops/run.mjs", "up"], { cwd: older, env }));
}, 3_600_000);

afterEach(() => Repeater.stopAll());

afterAll(async () => {
  await instance.remove();
  rmSync(folder, { recursive: true });
});

test(`a platform set up by ${FROM} is taken over by up: no service leaves the passing set, nothing stored is lost`, async () => {
  const port = instance.httpPort;
  const token = await instance.token("management", WHOLE);
  await call("/v1/kv/before", { method: "PUT", token, body: "the take-over", port });
  const watch = await HealthWatch.start(port);
  const at = { httpPort: port, service: "billing_service" };
  const met = await underLoad("the take-over", { token, keys: "chaos-from/", aim: 3, atOnce: 40, at }, async () => {
    const ended = await instance.run("up", WHOLE);
    process.stderr.write(ended.stderr);
    expectGood(ended);
    inTime("the take-over", ended.seconds, 120);
  });
  const { left, services } = await watch.stop("the take-over");
  measured("services watched", services, 40, "services");
  expect({ left, services }).toEqual({ left: {}, services: 40 });
  measured(`writes refused of ${met.acknowledged}`, met.refused, "0", "writes");
  measured(`reads failed of ${met.reads.length}`, met.failed, "0", "reads");
  expect(await call("/v1/kv/before?raw", { token, port })).toBe("the take-over");
});

test("a second up changes nothing", async () => {
  expect(await instance.done("up", [], WHOLE)).toContain("Nothing changed");
});

test("down removes everything, also what the older version made", async () => {
  await instance.done("down", ["--yes"]);
  expect(await instance.made()).toEqual([]);
});
