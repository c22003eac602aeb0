import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandFailed, type Env, type Run, type RunOptions } from "../../lib/process.js";
import { Cache } from "../../provision/cache.js";
import type { Context } from "../../provision/context.js";

/** What a faked command does: gives an output, fails with an output, or is not there. */
export type CommandResult = string | CommandFailed | Promise<string>;

export interface Faked extends Context {
  readonly cache: Cache;
  /** Every command that was run. */
  readonly calls: string[];
  /** Every line that was shown to the person. */
  readonly shown: string[];
}

const scratch = mkdtempSync(join(tmpdir(), "rollcall-offline-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A context in an empty folder whose commands do what `answer` says; a command without an answer is not there. */
export function fakeContext(
  answer: (command: string, options: RunOptions) => CommandResult | undefined,
  env: Env = {},
): Faked {
  const calls: string[] = [];
  const shown: string[] = [];
  const run: Run = async (command, args, options = {}) => {
    const line = [command, ...args].join(" ");
    calls.push(line);
    const said = await answer(line, options);
    if (said === undefined) throw new CommandFailed(command, "missing", undefined, []);
    if (said instanceof CommandFailed) throw said;
    for (const part of said.split("\n")) options.onLine?.(part);
    return { stdout: said, stderr: "" };
  };
  const cache = new Cache(join(mkdtempSync(join(scratch, "context-")), "cache"));
  return { cache, env, run, report: (text) => shown.push(text), calls, shown };
}

/** A command that fails with these lines. */
export function failing(...lines: readonly string[]): CommandFailed {
  return new CommandFailed("a command", "exit", 1, lines);
}
