import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "../../../lib/error-code.js";
import { few } from "../../cli/few.js";
import { quoted } from "../../cli/quoted.js";
import type { Problem } from "../problem.js";
import type { DoctorCheck } from "./doctor-check.js";

/** A file or folder, and who may read it. */
export interface FileMode {
  readonly path: string;
  /** The nine bits, as `chmod` takes them. */
  readonly mode: number;
}

/** The state folder and what Terraform writes: each holds secrets in clear. */
export const modes: DoctorCheck = {
  name: "Modes",
  needsDocker: false,
  run: async ({ settings }) => {
    const { stateFolder, outdir } = settings;
    // What lies in a closed folder is closed; the state is moved and copied, so each of its files is looked at.
    const found = [...modesBelow(stateFolder), ...modesOf(outdir)];
    return {
      summary: `${found.length} files and folders with secrets`,
      problems: judgeModes(found, plansBelow(outdir)),
    };
  },
};

/**
 * @param found what only its owner may read
 * @param plans plan files that plain `cdktf diff` left, which hold the state in clear
 */
export function judgeModes(found: readonly FileMode[], plans: readonly string[]): readonly Problem[] {
  const open = found.filter(({ mode }) => (mode & 0o077) !== 0);
  const octal = ({ path, mode }: FileMode) => `${path} (${mode.toString(8).padStart(4, "0")})`;
  return [
    ...(open.length === 0
      ? []
      : [
          {
            what: `others may read ${few(open.map(octal), 3)}`,
            remedy: `\`chmod -R go= ${few(
              open.map(({ path }) => quoted(path)),
              3,
            )}\`; who could read it may know the secrets.`,
          },
        ]),
    ...(plans.length === 0
      ? []
      : [
          {
            what: `${few(plans, 3)} holds the state in clear`,
            remedy: "Remove it: plain `cdktf diff` leaves it behind.",
            isNote: true,
          },
        ]),
  ];
}

function modesBelow(folder: string): readonly FileMode[] {
  const inside = namesIn(folder).flatMap((name) => modesBelow(join(folder, name)));
  return [...modesOf(folder), ...inside];
}

function modesOf(path: string): readonly FileMode[] {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found === undefined || found.isSymbolicLink() ? [] : [{ path, mode: found.mode & 0o777 }];
}

function plansBelow(outdir: string): readonly string[] {
  const stacks = join(outdir, "stacks");
  return namesIn(stacks).flatMap((name) =>
    namesIn(join(stacks, name)).includes("plan") ? [join(stacks, name, "plan")] : [],
  );
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return [];
    throw error;
  }
}
