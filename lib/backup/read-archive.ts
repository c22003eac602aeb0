import { gunzipSync } from "node:zlib";
import { unpackTar } from "modern-tar";
import * as z from "zod";
import { UserError } from "../user-error.js";
import { type Archive, MANIFEST, SNAPSHOT } from "./archive.js";

const STATE = /^state\/([a-z0-9-]+)\.tfstate$/;
const HISTORY = /^history\/([a-z0-9.-]+)\.gz$/;

const manifestSchema = z.object({
  format: z.literal(1),
  time: z.string(),
  instance: z.string(),
  datacenter: z.string(),
  index: z.number(),
});

/** @param name of the file, for whoever reads the message @throws UserError where it is no backup of Rollcall's */
export async function unpackArchive(clear: Uint8Array, name: string): Promise<Archive> {
  const foreign = new UserError(`${name} is not a backup of Rollcall`, "Name a file that `npx rollcall backup` wrote.");
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
  const history = [...files].flatMap(([file, data]) => {
    const name = HISTORY.exec(file)?.[1];
    return name === undefined ? [] : [[name, data] as const];
  });
  return { manifest, snapshot, states: new Map(states), history: new Map(history) };
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
