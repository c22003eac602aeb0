/**
 * @needs clone
 * @areas ops/verbs/restore ops/verbs/recover ops/verbs/restore.ts ops/verbs/recover.ts
 * @seconds 1300
 * @command test:all
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AIMS } from "../../bench/aims.js";
import { SERVERS } from "../e2e/support/cluster.js";
import { Instance } from "../e2e/support/instance.js";
import { measured, until } from "../e2e/support/platform.js";
import { call, Repeater } from "../e2e/support/poll.js";
import { Clients, underLoad } from "../e2e/support/under-load.js";

// Ends what hangs: some twenty runs that are interrupted, each with one that is not, of a minute each.
jest.setTimeout(2 * 3_600_000);

const AIM = AIMS.repairInterrupted.seconds;
const scratch = mkdtempSync(join(tmpdir(), "rollcall-chaos-repair-"));
/** A platform of three servers that is repaired again and again. */
let instance: Instance;
let env: Record<string, string>;
/** The only backup that its folder may keep. */
let file = "";
let management = "";
/** Stands in the backup, so that a restore takes nothing from the writer that has it. */
let writing = "";

beforeAll(async () => {
  instance = await Instance.create("repaired-", 3);
  env = { ...(await instance.backups(scratch)), ROLLCALL_BACKUP_KEEP: "1" };
  await instance.done("up", [], env);
  management = await instance.token("management", env);
  writing = (await instance.managementToken("chaos repair", env)).SecretID;
  await put("as it was");
  file = (await instance.done("backup", [], env)).split(" (")[0] ?? "";
});

afterEach(() => Repeater.stopAll());

afterAll(async () => {
  await instance.down(env);
  await instance.remove();
  rmSync(scratch, { recursive: true });
});

const MARKER = "/v1/kv/marker";

function ask(path: string, token = management): Promise<string> {
  return call(path, { token, port: instance.httpPort });
}

function put(value: string, path = MARKER): Promise<string> {
  return call(path, { method: "PUT", token: management, body: value, port: instance.httpPort });
}

/** Runs a verb to its end. @returns how many lines it said */
function whole(verb: string, args: readonly string[]): Promise<number> {
  return instance.linesOf(verb, args, env);
}

/** The lines after which a verb is interrupted: so many of all that it says, from the first one on, evenly. */
function spread(lines: number, most: number): readonly number[] {
  const count = Math.min(lines, most);
  return Array.from({ length: count }, (_, index) => 1 + Math.floor((index * lines) / count));
}

/**
 * Cuts a verb off after a line: by turns with Ctrl-C, and by the end of all its processes at once.
 * @returns whether it did: it may have ended before
 */
function cutOff(turn: number, line: number, verb: string, args: readonly string[]): Promise<boolean> {
  return instance.cutOff(turn % 2 === 0 ? "SIGINT" : "SIGKILL", verb, line, args, env);
}

function print(what: string, lines: readonly number[], interrupted: number): void {
  measured(`${what}: runs cut off, of ${lines.length}`, interrupted, "most", "runs");
  expect(interrupted).toBeGreaterThan(lines.length / 2);
}

async function isHalfRestored(): Promise<boolean> {
  if (!existsSync(join(instance.state, "restoring"))) return false;
  const refused = await instance.run("up", env);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`The restore of ${file} did not come`) });
  return true;
}

async function expectAsItWas(): Promise<void> {
  expect(existsSync(join(instance.state, "restoring"))).toBe(false);
  expect(await ask(`${MARKER}?raw`)).toBe("as it was");
  expect(await ask("/v1/acl/token/self", writing)).toContain("chaos repair");
  expect(JSON.parse(await ask(`/v1/health/service/${instance.service}?passing`))).toHaveLength(1);
  expect(await instance.token("management", env)).toBe(management);
}

async function expectWhole(): Promise<void> {
  await instance.done("verify", [], env);
  expect(await instance.done("up", [], env)).toContain("Nothing changed");
}

test("a restore into the platform that runs, interrupted at any of its steps and run again, gives back what was", async () => {
  const traffic = { token: writing, keys: "chaos-repair/", aim: AIM.writes, at: instance, isReplaced: true };
  const { refused, failed } = await underLoad("restores, interrupted and run again", traffic, async () => {
    const lines = spread(await whole("restore", [file, "--yes"]), 10);
    let [interrupted, half] = [0, 0];
    for (const [turn, line] of lines.entries()) {
      await put("changed");
      if (await cutOff(turn, line, "restore", [file, "--yes"])) interrupted++;
      if (await isHalfRestored()) half++;
      await whole("restore", [file, "--yes"]);
      await expectAsItWas();
    }
    print("restore of a platform that runs", lines, interrupted);
    measured("of these, runs that left something half restored", half, "some", "runs");
    expect(half).toBeGreaterThan(0);
  });
  expect({ refused, failed }).toEqual({ refused: 0, failed: 0 });
  await expectWhole();
});

test("one where everything is lost, interrupted in the same way, recreates the platform with its keys and tokens", async () => {
  const fresh = async () => {
    await instance.done("down", ["--yes"], env);
    expect(await instance.made()).toEqual([]);
  };
  await fresh();
  const lines = spread(await whole("restore", [file, "--yes"]), 5);
  let interrupted = 0;
  for (const [turn, line] of lines.entries()) {
    await fresh();
    if (await cutOff(turn, line, "restore", [file, "--yes"])) interrupted++;
    await whole("restore", [file, "--yes"]);
    await expectAsItWas();
  }
  print("restore where everything is lost", lines, interrupted);
  await expectWhole();
});

test("a recover, interrupted in the same way, goes on when it is run again, or by up where there is a leader", async () => {
  const { verb: aim, staleReads: readAim } = AIM;
  const traffic = { token: writing, keys: "chaos-recover/", aim, readAim, at: instance, isStale: true };
  const clients = new Clients("recovers, interrupted and run again", traffic);
  await clients.areAtWork();
  await loseTwo();
  const lines = spread(await whole("recover", ["--yes"]), 6);
  let interrupted = 0;
  for (const [turn, line] of lines.entries()) {
    await untilAllVote();
    await loseTwo();
    if (await cutOff(turn, line, "recover", ["--yes"])) interrupted++;
    const again = await instance.run("recover", env, [], ["--yes"]);
    if (again.code === 0) continue;
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("the servers have a leader") });
    await instance.done("up", [], env);
  }
  await untilAllVote();
  print("recover", lines, interrupted);
  await clients.stop();
  expect(await ask(`${MARKER}?raw`)).toBe("as it was");
  await expectWhole();
});

/** The first two servers with their data, one after the other: whatever was acknowledged is on the third. */
async function loseTwo(): Promise<void> {
  const isLed = async () => /:8300/.test(await ask("/v1/status/leader").catch(() => ""));
  for (const server of SERVERS.slice(0, 2)) {
    await instance.lose(server);
    if (server !== SERVERS[0]) continue;
    await until("a leader without the first server", 10, isLed);
    await until("a write without it", 10, async () => (await put("x", "/v1/kv/without").catch(() => "")) === "true");
  }
  await until("no leader any more", 10, async () => !(await isLed()));
}

async function untilAllVote(): Promise<void> {
  await until("three voters", 60, async () => {
    const { Servers }: { Servers: { Node: string; Voter: boolean }[] } = JSON.parse(
      await ask("/v1/operator/raft/configuration"),
    );
    const voters = Servers.filter(({ Voter }) => Voter).map(({ Node }) => Node);
    return [...voters].sort().join() === [...SERVERS].sort().join() && Servers.length === voters.length;
  });
}
