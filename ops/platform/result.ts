import { cannotRun } from "../../lib/cannot-run.js";
import { cut } from "../../lib/printable.js";
import { CommandFailed } from "../../lib/process.js";
import { UserError } from "../../lib/user-error.js";

/** A value that could not be read, and the reason. */
export interface Unknown {
  readonly unknown: string;
}

export function isUnknown(value: unknown): value is Unknown {
  return typeof value === "object" && value !== null && "unknown" in value;
}

/** The result of `work`, or, if it fails with a known kind of error, the reason in one line. Other errors are thrown on. */
export async function resultOf<T>(work: () => Promise<T>): Promise<T | Unknown> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserError) return { unknown: firstLine(error.message) };
    if (error instanceof CommandFailed)
      return { unknown: firstLine(cannotRun(error)?.message ?? error.lines.at(-1) ?? error.message) };
    throw error;
  }
}

function firstLine(text: string): string {
  return cut(text.trim().split("\n")[0] ?? "", 200);
}
