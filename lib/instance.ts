import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { hasCode } from "./error-code";

/**
 * The name of the platform whose state lies in this folder: the clone's folder and four random hex digits, made
 * once and kept beside the state, so that a moved clone is still the same platform and a second clone another one.
 */
export function instanceOf(stateFolder: string): string {
  const file = join(stateFolder, "instance");
  const known = readIfThere(file);
  if (known !== "") return known;
  const clone = basename(dirname(stateFolder)).replace(/[^A-Za-z0-9_.-]/g, "-") || "rollcall";
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  try {
    // "wx": of two that start at once, one makes the name and the other reads it.
    writeFileSync(file, `${clone}-${randomBytes(2).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
  return readIfThere(file);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "";
    throw error;
  }
}
