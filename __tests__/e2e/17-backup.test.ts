/**
 * @needs platform
 * @areas lib/backup lib/consul/backup programs/backup ops/verbs/backup.ts ops/platform/backup
 *   ops/verbs/restore.ts ops/verbs/restore
 * @seconds 200
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AIMS } from "../../bench/aims.js";
import { decryptWith, identitiesIn } from "../../lib/backup/encryption.js";
import { unpackArchive } from "../../lib/backup/read-archive.js";
import { Instance } from "./support/instance.js";
import { eventsAfter } from "./support/monitor.js";
import { command, inTime, measured, nameOf, rollcall, token } from "./support/platform.js";
import { call } from "./support/poll.js";
import { secretValues } from "./support/state.js";

const scratch = mkdtempSync(join(tmpdir(), "rollcall-backup-"));
const KEY = join(scratch, "key");
/** A platform of one server that is lost and comes back. */
let lost: Instance;
let backups: Readonly<Record<string, string>>;

beforeAll(async () => {
  lost = await Instance.create(`lost${process.pid % 1000}-`);
  backups = await lost.backups(scratch);
});

afterAll(async () => {
  await lost.remove();
  rmSync(scratch, { recursive: true });
});

describe("a backup of the platform", () => {
  test("is refused without a recipient, and then nothing is written", async () => {
    const { code, stderr } = await rollcall("backup", [], { ROLLCALL_BACKUPS: join(scratch, "clear") });
    expect(code).toBe(1);
    expect(stderr).toContain("ROLLCALL_BACKUP_RECIPIENT is not set");
    expect(readdirSync(scratch)).toEqual(["key"]);
  });

  test("is one private file, none of whose content is in clear, and opens with the key alone", async () => {
    const { code, stdout, stderr, seconds } = await rollcall("backup", [], backups);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    inTime("backup of 40 services", seconds, 10);
    const [file = ""] = stdout.split(" (");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const encrypted = readFileSync(file);
    measured("size of a backup of 40 services", encrypted.length / 1024, 1000, "KiB");
    expect(encrypted.length).toBeLessThan(3000 * 1024);
    const { snapshot, states } = await unpackArchive(
      await decryptWith(identitiesIn(readFileSync(KEY, "utf8")), encrypted, file),
      file,
    );
    const clear = [...states.values()].join("");
    const secrets = [...secretValues()].filter(([, secret]) => clear.includes(JSON.stringify(secret).slice(1, -1)));
    expect(secrets.length).toBeGreaterThan(10);
    expect(clear).toContain(await token("management"));
    expect(secrets.filter(([, secret]) => encrypted.includes(secret))).toEqual([]);
    expect(encrypted.includes("billing_service")).toBe(false);

    const copy = join(scratch, "consul.snap");
    writeFileSync(copy, snapshot, { mode: 0o644 });
    const container = nameOf("consul-server-1");
    const script = "cat >/tmp/copy.snap && consul snapshot inspect /tmp/copy.snap; rm /tmp/copy.snap";
    const inspected = await command("sh", ["-c", `docker exec -i ${container} /bin/sh -c '${script}' <${copy}`]);
    expect(inspected.stdout).toMatch(/KVS +40 /);
    expect((await rollcall("backup", ["--list"], backups)).stdout).toContain(file);
  });
});

test("a platform that is lost with all its data comes back from its backup, with its keys, tokens and history", async () => {
  await lost.done("up", [], backups);
  const management = await lost.token("management", backups);
  const at = { port: lost.httpPort, token: management };
  await call("/v1/kv/marker", { ...at, method: "PUT", body: "as it was" });
  const history = await eventsAfter(0, `${lost.prefix}consul-monitor`);
  const [file = ""] = (await lost.done("backup", [], backups)).split(" (");
  await lost.done("down", ["--yes"], backups);
  expect(await lost.made()).toEqual([]);

  const begun = Date.now();
  await lost.done("restore", [file, "--yes"], backups);
  inTime("restore", (Date.now() - begun) / 1000, AIMS.restore.seconds.verb);
  expect(await lost.token("management", backups)).toBe(management);
  expect(await call("/v1/kv/marker?raw", at)).toBe("as it was");
  expect(JSON.parse(await call("/v1/catalog/service/only_service", at))).toHaveLength(1);
  expect(await lost.done("up", [], backups)).toContain("Nothing changed");
  // Its numbers go on where the backup ends.
  const after = await eventsAfter(0, `${lost.prefix}consul-monitor`);
  expect(after.slice(0, history.length)).toEqual(history);
  expect(after.map(({ seq }) => seq)).toEqual(after.map((_, index) => index + 1));
  expect(after.filter(({ event }) => event === "monitor-started")).toHaveLength(2);
});
