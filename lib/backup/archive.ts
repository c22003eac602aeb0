import { gunzipSync, gzipSync } from "node:zlib";
import { packTar, unpackTar } from "modern-tar";
import { z } from "zod";
import { UserError } from "../user-error";

/** What a backup says of itself, in its `manifest.json`. */
export interface Manifest {
  readonly format: 1;
  /** When, in ISO 8601 and UTC. */
  readonly time: string;
  /** The platform: its label `rollcall.instance`. */
  readonly instance: string;
  readonly datacenter: string;
  /** Raft's index of the last change that the snapshot has. */
  readonly index: number;
}

/** A backup in clear: for memory alone. */
export interface Archive {
  readonly manifest: Manifest;
  /** Consul's own snapshot. */
  readonly snapshot: Uint8Array;
  /** Terraform's state of each stack, by the stack's name; none in a scheduled backup, which cannot reach them. */
  readonly states: ReadonlyMap<string, string>;
}

const MANIFEST = "manifest.json";
const SNAPSHOT = "consul.snap";
const STATE = /^state\/([a-z0-9-]+)\.tfstate$/;

/** A gzipped tar of the parts: after `age -d`, `tar -xz` gives what `consul snapshot` and Terraform take. */
export async function packArchive({ manifest, snapshot, states }: Archive): Promise<Uint8Array> {
  const files: readonly (readonly [string, Uint8Array])[] = [
    [MANIFEST, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)],
    ...[...states].map(([stack, state]) => [`state/${stack}.tfstate`, Buffer.from(state)] as const),
    [SNAPSHOT, snapshot],
  ];
  const tar = await packTar(
    files.map(([name, body]) => ({
      header: { name, size: body.length, mode: 0o600, mtime: new Date(manifest.time) },
      body,
    })),
  );
  return gzipSync(tar);
}

const manifestSchema = z.object({
  format: z.literal(1),
  time: z.string(),
  instance: z.string(),
  datacenter: z.string(),
  index: z.number(),
});

/** @param name of the file, for whoever reads the message @throws UserError where it is no backup of Rollcall's */
export async function unpackArchive(clear: Uint8Array, name: string): Promise<Archive> {
  const foreign = new UserError(`${name} is not a backup of Rollcall`, "Name a file that `npm run backup` wrote.");
  const parts = await unpack(clear).catch(() => {
    throw foreign;
  });
  const files = new Map(parts.map(({ header, data }) => [header.name, data ?? new Uint8Array()]));
  const snapshot = files.get(SNAPSHOT);
  const manifest = manifestSchema.safeParse(jsonOf(files.get(MANIFEST))).data;
  if (snapshot === undefined || manifest === undefined) throw foreign;
  const states = [...files].flatMap(([file, data]) => {
    const stack = STATE.exec(file)?.[1];
    return stack === undefined ? [] : [[stack, Buffer.from(data).toString()] as const];
  });
  return { manifest, snapshot, states: new Map(states) };
}

async function unpack(clear: Uint8Array) {
  return unpackTar(gunzipSync(clear));
}

function jsonOf(data: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(data ?? []).toString());
  } catch {
    return undefined;
  }
}
