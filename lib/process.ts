import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";

/** A whole environment, as `process.env` has it. */
export type Env = Readonly<Record<string, string | undefined>>;

export interface RunOptions {
  /** @default this process's folder */
  readonly cwd?: string | undefined;
  /** The command's whole environment, not additions to it. @default this process's own */
  readonly env?: Env | undefined;
  /** Written to the command's standard input: the place for secrets, which a command line would show to all. */
  readonly input?: string | Uint8Array | undefined;
  /** Whether the standard input stays open after that, until the command ends. @default false */
  readonly keepInputOpen?: boolean | undefined;
  /** Called with each line of either output as it comes, for progress. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Ends the command when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the command after so long. @default none */
  readonly timeoutSeconds?: number | undefined;
}

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** What `run` is, so that tests can put something in its place. */
export type Run = (command: string, args: readonly string[], options?: RunOptions) => Promise<RunResult>;

/** Why a command did not end with exit code 0. */
export type FailureReason = "exit" | "missing" | "forbidden" | "timeout" | "aborted";

/** A command that did not end well; the message has its last lines. */
export class CommandFailed extends Error {
  constructor(
    readonly command: string,
    readonly reason: FailureReason,
    /** Undefined unless the reason is "exit" and no signal ended it. */
    readonly exitCode: number | undefined,
    /** Standard output and standard error as they came, without the empty lines and without colours. */
    readonly lines: readonly string[],
    readonly stdout = "",
  ) {
    // Terraform draws a box around what it says.
    const said = lines.map((line) => line.replace(/^[│╷╵] ?/, "")).filter((line) => line.trim() !== "");
    super([`${command} ${phrase(reason, exitCode)}`, ...said.slice(-12)].join("\n"));
    this.name = "CommandFailed";
  }

  /** All of its output, for looking for a cause in it. */
  get text(): string {
    return this.lines.join("\n");
  }
}

function phrase(reason: FailureReason, exitCode: number | undefined): string {
  switch (reason) {
    case "missing":
      return "is not installed";
    case "forbidden":
      return "cannot be run: it is not a program, or you are not permitted to run it";
    case "timeout":
      return "took too long and was ended";
    case "aborted":
      return "was interrupted";
    case "exit":
      return exitCode === undefined ? "was killed" : `failed with exit code ${exitCode}`;
  }
}

// Longer than any tool needs to say goodbye; after it the command is killed.
const GRACE_MS = 5_000;
// A command that ended may have left a child of its own holding its output open; what matters has been said by then.
const OPEN_OUTPUT_MS = 1_000;
const KEPT_LINES = 400;
// Found, but not to be started: its mode, its format, a folder on the way.
const CANNOT_RUN: readonly string[] = ["EACCES", "EPERM", "ENOEXEC", "ENOTDIR", "EISDIR"];

/** Runs a command to its end and gives its output; throws {@link CommandFailed} unless its exit code is 0. */
export const run: Run = (command, args, options = {}) =>
  new Promise((resolve, reject) => {
    const label = [command, ...args.slice(0, 2).filter((arg) => !arg.startsWith("-"))].join(" ");
    const lines: string[] = [];
    let stdout = "";
    let stderr = "";
    let ended: "timeout" | "aborted" | undefined;
    const fail = (reason: FailureReason, exitCode?: number) =>
      reject(new CommandFailed(label, reason, exitCode, lines, stdout));

    if (options.signal?.aborted) {
      fail("aborted");
      return;
    }
    // Node reports a missing folder as a missing program.
    if (options.cwd !== undefined && !existsSync(options.cwd)) {
      reject(new Error(`${label} is to run in ${options.cwd}, which is not there`));
      return;
    }
    const child = spawn(command, [...args], {
      cwd: options.cwd,
      env: { ...(options.env ?? process.env) },
      stdio: ["pipe", "pipe", "pipe"],
    });

    const timers: NodeJS.Timeout[] = [];
    const end = (why: "timeout" | "aborted") => {
      ended ??= why;
      child.kill("SIGTERM");
      timers.push(setTimeout(() => child.kill("SIGKILL"), GRACE_MS));
    };
    const onAbort = () => end("aborted");
    options.signal?.addEventListener("abort", onAbort, { once: true });
    if (options.timeoutSeconds !== undefined) {
      timers.push(setTimeout(() => end("timeout"), options.timeoutSeconds * 1000));
    }

    const onLine = (line: string) => {
      if (line.trim() === "") return;
      lines.push(stripVTControlCharacters(line));
      if (lines.length > KEPT_LINES) lines.shift();
      options.onLine?.(line);
    };
    createInterface({ input: child.stdout }).on("line", onLine);
    createInterface({ input: child.stderr }).on("line", onLine);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    // A command may end before it has read its input; its exit code tells what came of that.
    child.stdin.on("error", () => {});
    if (options.keepInputOpen === true) child.stdin.write(options.input ?? "");
    else child.stdin.end(options.input ?? "");

    const tidy = () => {
      for (const timer of timers) clearTimeout(timer);
      options.signal?.removeEventListener("abort", onAbort);
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      tidy();
      if (error.code === "ENOENT") reject(new CommandFailed(command, "missing", undefined, lines));
      else if (CANNOT_RUN.includes(error.code ?? "")) reject(new CommandFailed(command, "forbidden", undefined, lines));
      else reject(error);
    });
    child.on("exit", () => {
      timers.push(
        setTimeout(() => {
          child.stdout.destroy();
          child.stderr.destroy();
        }, OPEN_OUTPUT_MS),
      );
    });
    child.on("close", (code) => {
      tidy();
      if (ended !== undefined) fail(ended);
      else if (code === 0) resolve({ stdout, stderr });
      else fail("exit", code ?? undefined);
    });
  });
