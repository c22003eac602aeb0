import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { unpackTar } from "modern-tar";

/** What a snapshot of Consul says of itself. */
export interface SnapshotMeta {
  /** Raft's index of the last change that is in it. */
  readonly index: number;
  readonly term: number;
}

/**
 * Checks a snapshot as Consul itself does before it restores one: a gzipped tar whose parts have the sums in its
 * SHA256SUMS. Needs no Consul, so that the scheduled backup can do it.
 * @throws Error that says what is wrong with it
 */
export async function checkSnapshot(snapshot: Uint8Array): Promise<SnapshotMeta> {
  const parts = new Map((await unpackTar(gunzipSync(snapshot))).map(({ header, data }) => [header.name, data]));
  const sums = Buffer.from(parts.get("SHA256SUMS") ?? []).toString();
  for (const name of ["meta.json", "state.bin"]) {
    const sum = createHash("sha256")
      .update(parts.get(name) ?? Buffer.alloc(0))
      .digest("hex");
    if (!sums.split("\n").includes(`${sum}  ${name}`)) throw new Error(`its ${name} has not the sum that it says`);
  }
  const meta: unknown = JSON.parse(Buffer.from(parts.get("meta.json") ?? []).toString());
  if (typeof meta !== "object" || meta === null || !("Index" in meta) || !("Term" in meta))
    throw new Error("its meta.json has no Index and Term");
  return { index: Number(meta.Index), term: Number(meta.Term) };
}
