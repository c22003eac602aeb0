import { createHash, randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { packTar } from "modern-tar";
import { type Archive, packArchive } from "../../../../lib/backup/archive.js";
import {
  decryptWith,
  encryptTo,
  identitiesIn,
  type KeyPair,
  newKeyPair,
  recipientOf,
} from "../../../../lib/backup/encryption.js";
import { unpackArchive } from "../../../../lib/backup/read-archive.js";
import { checkSnapshot } from "../../../../lib/backup/snapshot-file.js";

const ARCHIVE: Archive = {
  manifest: { format: 1, time: "2026-11-25T03:04:05.678Z", instance: "rollcall-1a2b", datacenter: "dc1", index: 42 },
  snapshot: randomBytes(5000),
  states: new Map([["foundation", '{"serial":1,"secret":"geheim"}']]),
  history: new Map([["2026-11.000000000001.jsonl", new Uint8Array(gzipSync('{"seq":1}\n'))]]),
};

let keys: KeyPair;
beforeAll(async () => {
  keys = await newKeyPair();
});

async function written(): Promise<Uint8Array> {
  return encryptTo([keys.recipient], await packArchive(ARCHIVE));
}

test("what was backed up comes back, for the holder of the key", async () => {
  const { manifest, snapshot, states, history } = await unpackArchive(
    await decryptWith([keys.identity], await written(), "a"),
    "a",
  );
  expect(manifest).toEqual(ARCHIVE.manifest);
  expect(Buffer.from(snapshot)).toEqual(Buffer.from(ARCHIVE.snapshot));
  expect([...states]).toEqual([...ARCHIVE.states]);
  expect([...(history ?? [])]).toEqual([...(ARCHIVE.history ?? [])]);
});

test("nothing in the file is in clear", async () => {
  const secret = randomBytes(64);
  const clear = Buffer.concat([Buffer.alloc(100_000), secret, Buffer.alloc(100_000)]);
  expect(clear.includes(secret)).toBe(true);
  expect(Buffer.from(await encryptTo([keys.recipient], clear)).includes(secret)).toBe(false);
});

test("each of several recipients can read it", async () => {
  const second = await newKeyPair();
  const encrypted = await encryptTo([keys.recipient, second.recipient], Buffer.from("both"));
  for (const { identity } of [keys, second])
    expect(Buffer.from(await decryptWith([identity], encrypted, "a")).toString()).toBe("both");
});

test("nobody else can: another key is refused by its name", async () => {
  const { identity } = await newKeyPair();
  await expect(decryptWith([identity], await written(), "a.age")).rejects.toMatchObject({
    message: "a.age is encrypted to another key than the one in ROLLCALL_BACKUP_IDENTITY",
  });
});

test.each([
  ["a file cut in its middle", (file: Buffer) => file.subarray(0, file.length >> 1)],
  ["one byte less", (file: Buffer) => file.subarray(0, -1)],
  ["one bit changed", (file: Buffer) => file.map((byte, at) => (at === file.length - 100 ? byte ^ 1 : byte))],
  ["one byte more", (file: Buffer) => Buffer.concat([file, Buffer.from("x")])],
])("%s is refused as damaged", async (_, spoil) => {
  await expect(decryptWith([keys.identity], spoil(Buffer.from(await written())), "a.age")).rejects.toMatchObject({
    message: "a.age is damaged: it ends too early, or was changed after it was written",
  });
});

test("a file that is not encrypted at all is refused, a snapshot of Consul's too", async () => {
  await expect(decryptWith([keys.identity], gzipSync("a snapshot"), "a.snap")).rejects.toMatchObject({
    message: "a.snap is not a backup: it is not encrypted with age",
  });
});

test.each([
  ["some text", async () => Buffer.from("shopping list")],
  ["another tar", async () => gzipSync(await packTar([{ header: { name: "a", size: 1 }, body: "a" }]))],
  [
    "a backup of a later format",
    async () => packArchive({ ...ARCHIVE, manifest: { ...ARCHIVE.manifest, format: 2 as 1 } }),
  ],
])("%s that was encrypted to the same key is no backup", async (_, content) => {
  await expect(unpackArchive(await content(), "a.age")).rejects.toMatchObject({
    message: "a.age is not a backup of Rollcall",
  });
});

test("what is no recipient is refused before anything is encrypted", async () => {
  await expect(encryptTo(["age1abc"], Buffer.from("x"))).rejects.toMatchObject({
    message: 'ROLLCALL_BACKUP_RECIPIENT has "age1abc", which is no age recipient',
  });
});

test("a key file may have comments and several keys; each key tells its recipient", async () => {
  const file = `# created: today\r\n# public key: ${keys.recipient}\r\n${keys.identity}\r\n\nsomething else\n`;
  expect(identitiesIn(file)).toEqual([keys.identity]);
  expect(await recipientOf(keys.identity)).toBe(keys.recipient);
});

async function snapshotWith(state: string, summed: string): Promise<Uint8Array> {
  const meta = JSON.stringify({ Index: 42, Term: 3 });
  const sum = (text: string) => createHash("sha256").update(text).digest("hex");
  const sums = `${sum(meta)}  meta.json\n${sum(summed)}  state.bin\n`;
  const files = Object.entries({ "meta.json": meta, "state.bin": state, SHA256SUMS: sums });
  return gzipSync(await packTar(files.map(([name, body]) => ({ header: { name, size: body.length }, body }))));
}

test("a snapshot whose sums are right tells its index; one with another state is refused", async () => {
  expect(await checkSnapshot(await snapshotWith("state", "state"))).toEqual({ index: 42, term: 3 });
  await expect(checkSnapshot(await snapshotWith("stat3", "state"))).rejects.toThrow("state.bin has not the sum");
  await expect(checkSnapshot(Buffer.from("no"))).rejects.toThrow();
});
