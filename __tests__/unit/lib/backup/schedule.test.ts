import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { packTar } from "modern-tar";
import { backupsIn, nameOfBackup, writeWhole } from "../../../../lib/backup/backup-files.js";
import { decryptWith, type KeyPair, newKeyPair } from "../../../../lib/backup/encryption.js";
import { unpackArchive } from "../../../../lib/backup/read-archive.js";
import type { Schedule } from "../../../../lib/backup/schedule.js";
import { bundleProgram } from "../../../../lib/docker/bundle.js";
import { Scheduler } from "../../../../programs/backup/scheduler.js";
import { selfSigned } from "../../../support/self-signed.js";

let folder: string;
let keys: KeyPair;
let server: Server;
/** What the server answers to whoever has the token. */
let snapshot: Uint8Array;
let schedule: Schedule;

async function snapshotOf(state: string): Promise<Uint8Array> {
  const meta = JSON.stringify({ Index: 77, Term: 2 });
  const sum = (text: string) => createHash("sha256").update(text).digest("hex");
  const sums = `${sum(meta)}  meta.json\n${sum(state)}  state.bin\n`;
  const files = Object.entries({ "meta.json": meta, "state.bin": state, SHA256SUMS: sums });
  return gzipSync(await packTar(files.map(([name, body]) => ({ header: { name, size: body.length }, body }))));
}

beforeAll(async () => {
  keys = await newKeyPair();
  snapshot = await snapshotOf("everything");
  folder = mkdtempSync(join(tmpdir(), "rollcall-schedule-"));
  const { certPem, keyPem } = selfSigned("server.dc1.consul");
  writeFileSync(join(folder, "ca.pem"), certPem);
  writeFileSync(join(folder, "pair.pem"), certPem + keyPem);
  // As a server does: who shows no certificate is not heard.
  const tls = { cert: certPem, key: keyPem, ca: certPem, requestCert: true };
  server = createServer(tls, (request, answer) => {
    const isAllowed = request.url === "/v1/snapshot" && request.headers["x-consul-token"] === "geheim";
    answer.writeHead(isAllowed ? 200 : 403).end(isAllowed ? snapshot : "Permission denied");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  writeFileSync(join(folder, "token"), "geheim\n");
  schedule = {
    servers: ["127.0.0.1"],
    serverName: "server.dc1.consul",
    port: (server.address() as AddressInfo).port,
    caFile: join(folder, "ca.pem"),
    pairFile: join(folder, "pair.pem"),
    tokenFile: join(folder, "token"),
    recipients: [keys.recipient],
    everySeconds: 3600,
    keep: 2,
    folder: mkdtempSync(join(folder, "backups-")),
    instance: "one",
    datacenter: "dc1",
  };
});

test("a scheduled backup is one that restore reads, and the oldest go", async () => {
  const scheduler = new Scheduler(schedule);
  for (let time = 0; time < 3; time++) await scheduler.makeOne();
  const files = backupsIn(schedule.folder, "one");
  expect(files).toHaveLength(2);
  const file = files[0]?.file ?? "";
  const archive = await unpackArchive(await decryptWith([keys.identity], readFileSync(file), file), file);
  expect(archive.manifest).toMatchObject({ instance: "one", datacenter: "dc1", index: 77 });
  expect(Buffer.from(archive.snapshot)).toEqual(Buffer.from(snapshot));
  expect(archive.states.size).toBe(0);
});

test("the program as it is carried into the container, one file without the clone around it, makes a backup", async () => {
  const [program, config] = [join(folder, "backup.mjs"), join(folder, "backup.json")];
  writeFileSync(program, bundleProgram("backup"));
  writeFileSync(config, JSON.stringify(schedule));
  const child = spawn(process.execPath, [program, config, "0"], { stdio: ["ignore", "pipe", "pipe"] });
  try {
    const said = await new Promise<string>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) stream.once("data", (data) => resolve(String(data)));
    });
    expect(said).toMatch(/: index 77\n$/);
    expect(backupsIn(schedule.folder, "one")).toHaveLength(1);
  } finally {
    child.kill();
  }
});

test("a server that is away is passed over", async () => {
  await new Scheduler({ ...schedule, servers: ["127.0.0.2", "127.0.0.1"] }).makeOne();
  expect(backupsIn(schedule.folder, "one")).toHaveLength(1);
});

test.each([
  [
    "the token is refused",
    { token: "wrong", serverName: "server.dc1.consul", cut: false },
    "it answered 403 Permission denied",
  ],
  [
    "the server proves another name",
    { token: "geheim", serverName: "server.dc2.consul", cut: false },
    "server.dc2.consul",
  ],
  ["the snapshot is not whole", { token: "geheim", serverName: "server.dc1.consul", cut: true }, "end of file"],
])("where %s, no file is written", async (_, { token, serverName, cut }, why) => {
  writeFileSync(join(folder, "token"), token);
  const whole = snapshot;
  if (cut) snapshot = whole.subarray(0, whole.length - 20);
  try {
    await expect(new Scheduler({ ...schedule, serverName }).makeOne()).rejects.toThrow(why);
  } finally {
    snapshot = whole;
  }
  expect(readdirSync(schedule.folder)).toEqual([]);
});

test("it is healthy until two in a row are missing, and tells Prometheus when the last one was", () => {
  const scheduler = new Scheduler(schedule);
  expect(scheduler.isHealthy()).toBe(true);
  expect(scheduler.metrics()).toContain("rollcall_backup_last_success_timestamp_seconds 0\n");
  const old = new Date(Date.now() - 3 * 3600 * 1000);
  writeWhole(schedule.folder, nameOfBackup("one", old), Buffer.from("old"));
  expect(scheduler.isHealthy()).toBe(false);
  expect(scheduler.metrics()).toContain(`timestamp_seconds ${old.getTime() / 1000}\n`);
  expect(scheduler.metrics()).toContain("rollcall_backup_last_size_bytes 3\n");
});
