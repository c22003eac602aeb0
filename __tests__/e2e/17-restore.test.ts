/**
 * @needs platform
 * @areas lib/backup lib/consul/backup programs/backup ops/verbs/backup.ts ops/platform/backup
 *   ops/verbs/restore.ts ops/verbs/restore
 * @seconds 450
 * @command test:all
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AIMS } from "../../bench/aims.js";
import { decryptWith, identitiesIn } from "../../lib/backup/encryption.js";
import { unpackArchive } from "../../lib/backup/read-archive.js";
import { PROGRAM_PORTS } from "../../lib/platform-names.js";
import { Instance } from "./support/instance.js";
import { eventsAfter, type MonitorEvent } from "./support/monitor.js";
import { docker, type Ended, inTime, until } from "./support/platform.js";
import { Repeater } from "./support/poll.js";
import { underLoad } from "./support/under-load.js";

const scratch = mkdtempSync(join(tmpdir(), "rollcall-backup-"));
const KEY = join(scratch, "key");
/** A platform of three servers that is lost and comes back. */
let lost: Instance;
let backups: Readonly<Record<string, string>>;
/** How it is run. */
let settings: Record<string, string>;

beforeAll(async () => {
  lost = await Instance.create(`lost${process.pid % 1000}-`, 3);
  backups = await lost.backups(scratch);
  settings = { ...backups, ROLLCALL_BACKUP_EVERY: "1h" };
});

afterAll(async () => {
  await Repeater.stopAll();
  await lost.remove();
  rmSync(scratch, { recursive: true });
});

/** A verb on the platform that is lost. */
function verb(name: string, args: readonly string[] = [], env: Record<string, string> = {}): Promise<Ended> {
  return lost.run(name, { ...settings, ...env }, [], args);
}

/** One that must succeed; gives what it printed. */
async function done(name: string, args: readonly string[] = []): Promise<string> {
  const begun = Date.now();
  const said = await lost.done(name, args, settings);
  inTime(`${name} ${args.join(" ").replaceAll(scratch, "")}`, (Date.now() - begun) / 1000, AIMS.restore.seconds.verb);
  return said;
}

/** Path of the file that a backup was written to. */
async function backUp(): Promise<string> {
  return (await done("backup")).split(" (")[0] ?? "";
}

async function isScheduledListed(): Promise<boolean> {
  return (await done("backup", ["--list"])).includes("scheduled: ");
}

let management = "";

/** A call to the API of the platform that is lost. */
async function ask(path: string, method = "GET", body?: string, secret = management): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${lost.httpPort}${path}`, {
    method,
    headers: { "X-Consul-Token": secret },
    ...(body === undefined ? {} : { body }),
  });
  return answer.ok ? await answer.text() : `${answer.status}`;
}

async function newToken(description: string): Promise<{ readonly AccessorID: string; readonly SecretID: string }> {
  const body = JSON.stringify({ Description: description, Policies: [{ Name: "rollcall-discovery" }] });
  return JSON.parse(await ask("/v1/acl/token", "PUT", body));
}

const DEFAULTS = JSON.stringify({ Kind: "service-defaults", Name: "marker", Protocol: "grpc" });

describe("a restore", () => {
  let file = "";
  let deleted: { readonly AccessorID: string; readonly SecretID: string };
  let since: { readonly SecretID: string };
  let discovery = "";
  /** What the monitor knew a moment before the backup. */
  let history: readonly MonitorEvent[] = [];

  test("needs a platform with something in it to be shown", async () => {
    const begun = Date.now() / 1000;
    await done("up");
    management = await lost.token("management", settings);
    discovery = await lost.token("discovery", settings);
    await until("the platform has made a backup by itself", 20, isScheduledListed);
    const url = `http://consul-backup:${PROGRAM_PORTS.backup}/metrics`;
    const metrics = await docker("exec", `${lost.prefix}consul-server-1`, "busybox", "wget", "-q", "-O", "-", url);
    const last = Number(/^rollcall_backup_last_success_timestamp_seconds (\S+)$/m.exec(metrics)?.[1]);
    expect(last).toBeGreaterThan(begun);
    expect(last).toBeLessThan(Date.now() / 1000 + 1);
    expect(metrics).toMatch(/^rollcall_backup_interval_seconds \d+$/m);
    await ask("/v1/kv/marker", "PUT", "as it was");
    await ask("/v1/config", "PUT", DEFAULTS);
    deleted = await newToken("somebody's");
    history = await eventsAfter(0, `${lost.prefix}consul-monitor`);
    file = await backUp();
    await ask("/v1/kv/marker", "PUT", "changed");
    await ask("/v1/config/service-defaults/marker", "DELETE");
    await ask(`/v1/acl/token/${deleted.AccessorID}`, "DELETE");
    since = await newToken("made since");
    expect(await ask("/v1/acl/token/self", "GET", undefined, deleted.SecretID)).toBe("403");
  });

  test("has status name the newest one, of those made by hand and those that the platform makes by itself", async () => {
    const told = async (env: Record<string, string> = {}) => JSON.parse((await verb("status", ["--json"], env)).stdout);
    const { backup, certificates } = await told();
    expect(backup).toMatchObject({ file, kind: "folder" });
    expect(certificates).toContainEqual(expect.objectContaining({ name: "backup", daysLeft: expect.any(Number) }));
    // With another folder the platform's own are all that there is.
    const elsewhere = { ROLLCALL_BACKUPS: join(scratch, "elsewhere") };
    expect((await told(elsewhere)).backup).toMatchObject({
      file: expect.stringMatching(/\.tar\.gz\.age$/),
      kind: "scheduled",
    });
    // Autopilot takes a server whose last sign of life was late for unhealthy, until it looks again after 2 s.
    const stdout = await until("status says that all is well", 10, async () => {
      const ended = await verb("status", [], elsewhere);
      return ended.code === 0 && ended.stdout;
    });
    expect(stdout).toContain("All is well.");
    expect(stdout).toMatch(/^ {2}backup +running, healthy$/m);
    expect(stdout).toMatch(/^Last backup {3}\S+, \d+ min ago, scheduled, in the volume of consul-backup alone$/m);
  });

  test.each([
    ["cut off", (content: Buffer) => content.subarray(0, -1000), {}, "is damaged"],
    [
      "tampered with",
      (content: Buffer) => content.map((byte, at) => (at === 9999 ? byte ^ 1 : byte)),
      {},
      "is damaged",
    ],
    ["no backup at all", () => Buffer.from("not one"), {}, "is not a backup"],
    ["of another datacenter", (content: Buffer) => content, { ROLLCALL_DATACENTER: "dc9" }, "of the datacenter dc1"],
    ["good, but nobody says yes", (content: Buffer) => content, {}, "Nobody is there to answer"],
  ])("of a file that is %s is refused, and nothing has changed", async (what, spoil, env, why) => {
    const spoilt = join(scratch, "spoilt.age");
    writeFileSync(spoilt, spoil(readFileSync(file)));
    const args = what.startsWith("good") ? [spoilt] : [spoilt, "--yes"];
    const { code, stderr } = await verb("restore", args, env);
    expect({ code, said: stderr.includes(why) ? why : stderr }).toEqual({ code: 1, said: why });
    expect(await ask("/v1/kv/marker?raw")).toBe("changed");
    expect(await ask("/v1/acl/token/self", "GET", undefined, since.SecretID)).toContain("made since");
  });

  async function expectAsItWas(): Promise<void> {
    expect(await ask("/v1/kv/marker?raw")).toBe("as it was");
    expect(JSON.parse(await ask("/v1/config/service-defaults/marker"))).toMatchObject({ Protocol: "grpc" });
    expect(await ask("/v1/acl/token/self", "GET", undefined, deleted.SecretID)).toContain("somebody's");
    expect(await ask("/v1/acl/token/self", "GET", undefined, since.SecretID)).toBe("403");
    // What Terraform made is still what it made.
    expect(await ask("/v1/acl/token/self", "GET", undefined, discovery)).toContain("rollcall discovery");
    expect(JSON.parse(await ask("/v1/catalog/service/only_service"))).toHaveLength(1);
    const members: { Name: string; Tags: { id: string } }[] = JSON.parse(await ask("/v1/agent/members"));
    const nodes: { Node: string; ID: string }[] = JSON.parse(await ask("/v1/catalog/nodes"));
    const names = (list: readonly (readonly [string, string])[]) => list.map((each) => each.join(" ")).sort();
    expect(names(nodes.map(({ Node, ID }) => [Node, ID]))).toEqual(
      names(members.map(({ Name, Tags }) => [Name, Tags.id])),
    );
    expect(await done("up")).toContain("Nothing changed");
    expect((await verb("verify")).code).toBe(0);
  }

  /** Under clients: what they wrote since the backup goes, by design, so that the reads alone are held against it. */
  async function restoreUnderLoad(path: string): Promise<string> {
    const aim = AIMS.restoreRunning.seconds.reads;
    const traffic = { token: management, keys: "under-load/", aim, at: lost, isReplaced: true };
    let said = "";
    const { failed, refused } = await underLoad("the restore of a backup", traffic, async () => {
      said = await done("restore", [path, "--yes"]);
    });
    expect({ failed, refused }).toEqual({ failed: 0, refused: 0 });
    return said;
  }

  test("into the platform that runs gives back what was, backs up what is replaced, and names what lives again", async () => {
    const before = readdirSync(join(scratch, "backups")).length;
    expect(await restoreUnderLoad(file)).toContain(`${deleted.AccessorID}  somebody's (rollcall-discovery)`);
    expect(readdirSync(join(scratch, "backups"))).toHaveLength(before + 1);
    await expectAsItWas();
    // The platform's own history has all that the backup has, and goes on.
    const goneOn = await eventsAfter(0, `${lost.prefix}consul-monitor`);
    expect(goneOn.slice(0, history.length)).toEqual(history);
    expect(goneOn.filter(({ event }) => event === "monitor-started")).toHaveLength(1);
  });

  test("of a backup that the platform made by itself does the same, but for Terraform's state", async () => {
    const [own = "", ...others] = (await done("backup", ["--fetch"])).trim().split("\n");
    expect(others).toEqual([]);
    expect(statSync(own).mode & 0o777).toBe(0o600);
    const { states } = await unpackArchive(
      await decryptWith(identitiesIn(readFileSync(KEY, "utf8")), readFileSync(own), own),
      own,
    );
    expect(states.size).toBe(0);
    // Made in the platform's first seconds, it may know no service yet: a reader finds none until all is applied again.
    await done("restore", [own, "--yes"]);
    expect(await ask("/v1/kv/marker?raw")).toBe("404");
    expect(JSON.parse(await ask("/v1/catalog/service/only_service"))).toHaveLength(1);
    expect(await done("up")).toContain("Nothing changed");
    expect((await verb("verify")).code).toBe(0);
  });

  test("where everything is lost recreates the platform, with its keys and its tokens", async () => {
    await done("down", ["--yes"]);
    expect(await lost.made()).toEqual([]);
    await done("restore", [file, "--yes"]);
    expect(await lost.token("management", settings)).toBe(management);
    expect(await lost.token("discovery", settings)).toBe(discovery);
    await expectAsItWas();
    // Its numbers go on where the backup ends.
    const comeBack = await eventsAfter(0, `${lost.prefix}consul-monitor`);
    expect(comeBack.slice(0, history.length)).toEqual(history);
    expect(comeBack.map(({ seq }) => seq)).toEqual(comeBack.map((_, at) => at + 1));
    expect(comeBack.filter(({ event }) => event === "monitor-started")).toHaveLength(2);
  });
});
