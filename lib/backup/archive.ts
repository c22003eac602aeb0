import { gzipSync } from "node:zlib";
import { packTar } from "modern-tar";

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
  /** The files of the monitor's history, each gzipped, by their names; none in a scheduled backup. @default - none */
  readonly history?: ReadonlyMap<string, Uint8Array> | undefined;
}

/** What the parts are called. */
export const MANIFEST = "manifest.json";
export const SNAPSHOT = "consul.snap";

/** A gzipped tar of the parts: after `age -d`, `tar -xz` gives what `consul snapshot` and Terraform take. */
export async function packArchive({ manifest, snapshot, states, history = new Map() }: Archive): Promise<Uint8Array> {
  const files: readonly (readonly [string, Uint8Array])[] = [
    [MANIFEST, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)],
    ...[...states].map(([stack, state]) => [`state/${stack}.tfstate`, Buffer.from(state)] as const),
    ...[...history].map(([name, content]) => [`history/${name}.gz`, content] as const),
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
