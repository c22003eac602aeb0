import { randomBytes } from "node:crypto";
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { hasCode } from "./error-code.js";
import { makeFolder } from "./make-folder.js";
import { refuseStrangers } from "./private-folder.js";
import { UserError } from "./user-error.js";

/**
 * The name of the platform whose state lies in this folder: the clone's folder and four random hex digits, made
 * once and kept beside the state, so that a moved clone is still the same platform and a second clone another one.
 * @throws UserError where the folder cannot be made or read
 */
export function instanceOf(stateFolder: string): string {
  const file = join(stateFolder, "instance");
  try {
    if (existsSync(stateFolder)) refuseStrangers(stateFolder);
    const name = readIfThere(file) || make(stateFolder, file);
    if (name !== "") return name;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `The state folder ${stateFolder} cannot be used (${error instanceof Object && "message" in error ? error.message : error})`,
      "Make it readable and writable for you, or set ROLLCALL_STATE to another folder.",
    );
  }
  throw new UserError(
    `${file} is empty, so nobody knows which platform this state is of`,
    "Write into it what the label rollcall.instance of the platform's containers says, or remove it where none runs.",
  );
}

/**
 * The name of a platform whose state lies where several clones reach it: the same in each, told apart by
 * `ROLLCALL_PREFIX` as everything on the Docker host is.
 */
export function sharedInstance(prefix: string): string {
  return `rollcall${prefix === "" ? "" : `-${prefix.slice(0, -1)}`}`;
}

function make(stateFolder: string, file: string): string {
  makeFolder(stateFolder);
  const clone = basename(dirname(stateFolder)).replace(/[^A-Za-z0-9_.-]/g, "-") || "rollcall";
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${clone}-${randomBytes(2).toString("hex")}\n`, { mode: 0o600 });
  try {
    // A link is there whole or not at all; of two that start at once, one makes the name and the other reads it.
    linkSync(draft, file);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  } finally {
    rmSync(draft, { force: true });
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
