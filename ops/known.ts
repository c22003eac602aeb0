import { cannotRun } from "../lib/cannot-run";
import { cut } from "../lib/printable";
import { CommandFailed } from "../lib/process";
import { UserError } from "../lib/user-error";

/** Something that cannot be said now, and why. */
export interface Unknown {
  readonly unknown: string;
}

export function isUnknown(value: unknown): value is Unknown {
  return typeof value === "object" && value !== null && "unknown" in value;
}

/** What some work gives; where it cannot, why, in a line. A defect of ours is thrown on. */
export async function known<T>(work: () => Promise<T>): Promise<T | Unknown> {
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
