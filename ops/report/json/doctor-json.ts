import type { DoctorResult } from "../doctor/doctor-check.js";
import { isWell, type Problem } from "../problem.js";

/** How one look of `doctor` ended; `skipped` where it could not look. */
export type Verdict = "ok" | "note" | "wrong" | "skipped";

/** One look of `doctor`. */
export interface LookJson {
  /** `Docker`, `Disk`, …: the word at the beginning of the line. */
  readonly name: string;
  readonly verdict: Verdict;
  /** What was looked at and how it is, in a few words. */
  readonly summary: string;
  readonly troubles: readonly Problem[];
}

/** What `doctor --json` prints. */
export interface DoctorJson {
  /** True where the exit code is 0: nothing is wrong. Notes are not wrong. */
  readonly healthy: boolean;
  readonly looks: readonly LookJson[];
  /** Everything that was found, each once, with what `status` tells before the looks. */
  readonly troubles: readonly Problem[];
}

/** How one look ended. Pure. */
export function verdictOf({ problems, isLeftOut }: DoctorResult): Verdict {
  if (isLeftOut === true) return "skipped";
  if (!isWell(problems)) return "wrong";
  return problems.length > 0 ? "note" : "ok";
}

/** All looks, for programs. Pure. */
export function doctorJson(
  looks: readonly (DoctorResult & { readonly name: string })[],
  problems: readonly Problem[],
): DoctorJson {
  return {
    healthy: isWell(problems),
    looks: looks.map((look) => ({
      name: look.name,
      verdict: verdictOf(look),
      summary: look.summary,
      troubles: look.problems,
    })),
    troubles: problems,
  };
}
