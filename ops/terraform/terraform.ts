import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { cannotRunTerraform } from "../../lib/cannot-run.js";
import { CommandFailed, type Env, run } from "../../lib/process.js";
import { outsideVariable } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { changed } from "../cli/changes-made.js";
import { interruption } from "../cli/interrupt.js";
import { notApplied } from "./remedies.js";

/** What an apply changed. */
export interface Changes {
  readonly add: number;
  readonly change: number;
  readonly remove: number;
}

const ACTIONS = ["create", "update", "replace", "delete"] as const;

/** What a plan would do to one resource. */
export interface PlannedAction {
  readonly address: string;
  readonly type: string;
  readonly action: (typeof ACTIONS)[number];
}

/** What a plan would do to a stack. */
export interface Planned {
  readonly changes: readonly PlannedAction[];
  /** Whether it would give other stacks, or a person, something else than before. */
  readonly changesOutputs: boolean;
  /** Why Terraform would not do it; [] where it would. */
  readonly problems: readonly string[];
}

/** One line of Terraform's `-json` output, as far as we read it. */
const eventSchema = z.object({
  type: z.string(),
  "@message": z.string().default(""),
  changes: z.object({ add: z.number(), change: z.number(), remove: z.number(), operation: z.string() }).optional(),
  change: z
    .object({ resource: z.object({ addr: z.string(), resource_type: z.string() }), action: z.string() })
    .optional(),
  outputs: z.record(z.string(), z.looseObject({ action: z.string().optional() })).optional(),
  hook: z.looseObject({ action: z.string().optional() }).optional(),
  diagnostic: z
    .object({
      severity: z.string(),
      summary: z.string(),
      detail: z.string().default(""),
      address: z.string().optional(),
    })
    .optional(),
});
type Event = z.infer<typeof eventSchema>;

const outputsSchema = z.record(z.string(), z.looseObject({ value: z.unknown() }));

const NEEDS_INIT =
  /terraform init|tofu init|Required plugins are not installed|Inconsistent dependency lock|does not match any of the checksums|Backend initialization required/;

/** How an apply may differ from a plain one. */
export interface ApplyOptions {
  /** Addresses of resources that are to be recreated. @default - none */
  readonly replace?: readonly string[];
  /** Terraform variables. @default - each has its own default */
  readonly variables?: Readonly<Record<string, string>>;
  /** Has Terraform end what it waits for; what it made is in the state. @default - never */
  readonly giveUp?: AbortSignal;
}

/** Terraform or OpenTofu in one stack's folder. */
export class Terraform {
  /** Whether OpenTofu is to encrypt the states. */
  readonly isEncrypting: boolean;

  constructor(
    private readonly program: string,
    private readonly env: Env,
  ) {
    this.isEncrypting = outsideVariable("TF_ENCRYPTION", env) !== undefined;
  }

  /** @throws UserError where the program is not there, or cannot be run */
  async requireInstalled(): Promise<void> {
    try {
      await run(this.program, ["version"], { env: this.env, timeoutSeconds: 30 });
    } catch (error) {
      throw (error instanceof CommandFailed ? cannotRunTerraform(error, this.program) : undefined) ?? error;
    }
  }

  /** The program's path, for tools that want one. */
  async path(): Promise<string> {
    return (await run("sh", ["-c", 'command -v "$0"', this.program], { env: this.env })).stdout.trim();
  }

  /**
   * Applies without asking; `onEvent` is called for each finished resource.
   * @param options what is to be recreated, and what ends it early
   */
  async apply(
    stack: string,
    folder: string,
    onEvent: (line: string) => void,
    { replace = [], variables = {}, giveUp }: ApplyOptions = {},
  ): Promise<Changes> {
    const done: string[] = [];
    const onLine = ({ type, "@message": message, hook }: Event) => {
      if (type === "apply_complete") done.push(hook?.action ?? "");
      if (type === "apply_complete" || type === "apply_errored") onEvent(message);
    };
    const args = [
      ...["apply", "-auto-approve", "-input=false", "-json"],
      ...replace.map((address) => `-replace=${address}`),
      ...Object.entries(variables).map(([name, value]) => `-var=${name}=${value}`),
    ];
    const stream = () => this.stream(folder, args, onLine, giveUp);
    const events = await this.initialized(folder, stream).finally(() => {
      const words = inWords(done);
      if (words !== "") changed(`${stack}: ${words}`);
    });
    const errors = events.filter((event) => event.diagnostic?.severity === "error");
    // What Terraform says of having been told to end is no cause.
    const causes = errors.filter(({ diagnostic }) => diagnostic?.summary !== "execution halted");
    const problems = causes.length > 0 ? causes : errors;
    if (problems.length > 0) throw withoutKey(describe(problems)) ?? notApplied(stack, describe(problems));
    const summary = events.find((event) => event.changes?.operation === "apply")?.changes;
    return summary ?? { add: 0, change: 0, remove: 0 };
  }

  /**
   * What an apply would do, without a plan file. Reads, takes no lock.
   * @returns each resource that would change, whether an output would, and what is in the way: the errors' headlines alone
   */
  async plan(folder: string): Promise<Planned> {
    const events = await this.initialized(folder, () =>
      this.stream(folder, ["plan", "-input=false", "-lock=false", "-json"], () => {}),
    );
    const changes = events.flatMap(({ type, change }) => {
      const action = ACTIONS.find((each) => each === change?.action);
      if (type !== "planned_change" || change === undefined || action === undefined) return [];
      return [{ address: change.resource.addr, type: change.resource.resource_type, action }];
    });
    const errors = events.filter(({ diagnostic }) => diagnostic?.severity === "error");
    const outputs = events.flatMap((event) => Object.values(event.outputs ?? {}));
    const changesOutputs = outputs.some(({ action }) => action !== undefined && action !== "noop");
    return {
      changes,
      changesOutputs,
      problems: errors.map(({ diagnostic }) => diagnostic?.summary.split("\n")[0] ?? ""),
    };
  }

  /** The stack's state as JSON, secrets included: for memory alone; "" where it was never applied. */
  async state(folder: string): Promise<string> {
    return this.initialized(folder, () => this.pull(folder));
  }

  /** A state that OpenTofu encrypted, as `state` gives it. By `TF_ENCRYPTION`; the file itself stays as it is. */
  async decrypted(state: string): Promise<string> {
    // Where no backend is configured this file is the state, and nothing needs to be initialized to read it.
    const folder = mkdtempSync(join(tmpdir(), "rollcall-state-"));
    try {
      writeFileSync(join(folder, "terraform.tfstate"), state, { mode: 0o600 });
      return await this.pull(folder);
    } catch (error) {
      throw explained(error);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Puts another state in the place of the stack's; refused where it is no successor of that, unless by force. */
  async pushState(folder: string, state: string, { force = false } = {}): Promise<void> {
    const args = ["state", "push", ...(force ? ["-force"] : []), "-"];
    await this.initialized(folder, () =>
      run(this.program, args, { cwd: folder, env: this.env, input: state, signal: interruption }),
    );
  }

  /** Takes resources out of the stack's state, all in one step; they themselves stay. */
  async forget(folder: string, addresses: readonly string[]): Promise<void> {
    await this.initialized(folder, () =>
      run(this.program, ["state", "rm", ...addresses], { cwd: folder, env: this.env, signal: interruption }).finally(
        () => removeStateCopies(folder),
      ),
    );
  }

  /** One output's text; undefined where there is none. */
  async output(folder: string, name: string): Promise<string | undefined> {
    // With -raw a state without any output gives a warning on standard output, and exit code 0.
    const { stdout } = await this.initialized(folder, () =>
      run(this.program, ["output", "-json"], { cwd: folder, env: this.env, signal: interruption }),
    ).catch((error: unknown) => {
      throw error instanceof CommandFailed ? inItsWords(error) : error;
    });
    const value = outputsSchema.parse(JSON.parse(stdout))[name]?.value;
    return typeof value === "string" ? value : undefined;
  }

  async init(folder: string): Promise<void> {
    // The lock file lives in a folder that synth makes anew; a rebuilt mirror must not be refused for its checksum.
    rmSync(join(folder, ".terraform.lock.hcl"), { force: true });
    await run(this.program, ["init", "-input=false", "-no-color", "-reconfigure"], {
      cwd: folder,
      env: this.env,
      signal: interruption,
    });
  }

  private async pull(folder: string): Promise<string> {
    const { stdout } = await run(this.program, ["state", "pull"], {
      cwd: folder,
      env: this.env,
      signal: interruption,
    });
    return stdout;
  }

  /** Runs something that needs an initialized folder; initializes only where it is missing or out of date. */
  private async initialized<T>(folder: string, work: () => Promise<T>): Promise<T> {
    if (!existsSync(folder))
      throw new UserError(
        `The stacks were never written here: there is no ${folder}`,
        "`npx rollcall synth` writes them.",
      );
    try {
      if (!existsSync(join(folder, ".terraform"))) await this.init(folder);
      return await work().catch(async (error: unknown) => {
        if (!(error instanceof CommandFailed) || !NEEDS_INIT.test(error.text)) throw error;
        await this.init(folder);
        return work();
      });
    } catch (error) {
      throw explained(error);
    }
  }

  private async stream(
    folder: string,
    args: readonly string[],
    onEvent: (event: Event) => void,
    giveUp?: AbortSignal,
  ): Promise<Event[]> {
    const events: Event[] = [];
    try {
      await run(this.program, args, {
        cwd: folder,
        env: this.env,
        signal: giveUp === undefined ? interruption : AbortSignal.any([interruption, giveUp]),
        onLine: (line) => {
          const event = parse(line);
          if (event === undefined) return;
          events.push(event);
          onEvent(event);
        },
      });
    } catch (error) {
      // What Terraform said of itself is better than that it failed.
      const said = events.some((event) => event.diagnostic?.severity === "error");
      if (!said || (error instanceof CommandFailed && NEEDS_INIT.test(error.text))) throw error;
    }
    return events;
  }
}

/** What an apply changed, also where it came to no end: of each of Terraform's actions how many; "" where it only read. */
function inWords(actions: readonly string[]): string {
  const words = { create: "made", update: "changed", delete: "destroyed" };
  return Object.entries(words)
    .map(([action, word]) => ({ word, count: actions.filter((each) => each === action).length }))
    .flatMap(({ word, count }) => (count === 0 ? [] : [`${count} ${word}`]))
    .join(", ");
}

/**
 * Removes the copies of a stack's state, secrets included, that `terraform state rm` leaves in the stack's folder and cannot
 * be told not to write.
 */
export function removeStateCopies(folder: string): void {
  const copies = readdirSync(folder).filter((name) => /^terraform\.tfstate\.\d+\.backup$/.test(name));
  for (const name of copies) rmSync(join(folder, name));
}

/** What to throw for a command that failed: what is known of its cause, Terraform's own words, or the failure itself. */
function explained(error: unknown): unknown {
  return error instanceof CommandFailed ? (withoutDatabase(error) ?? withoutKey(error.text) ?? error) : error;
}

/** What Terraform says in its box, on one line and without colours; the failure itself where it says nothing. */
function inItsWords(error: CommandFailed): unknown {
  const plain = stripVTControlCharacters(error.text).replace(/^[╷│╵ ]+/gm, "");
  const said = plain
    .split(/^Error: /m)[1]
    ?.replace(/\s+/g, " ")
    .trim();
  return said === undefined
    ? error
    : new UserError(`Terraform cannot read the state: ${said}`, "`npx rollcall doctor` looks further.");
}

/** What went wrong with the database that holds the state; undefined where it was something else. */
function withoutDatabase({ text }: CommandFailed): UserError | undefined {
  const said = /^\W*Error: (.*(?:dial tcp|read tcp|pq:) .*)$/m.exec(stripVTControlCharacters(text))?.[1];
  return said === undefined
    ? undefined
    : new UserError(
        `The database of the state (ROLLCALL_BACKEND=pg) cannot be used: ${said}`,
        "Look at PGHOST, PGPORT, PGDATABASE, PGUSER, PGSSLMODE and the password (PGPASSFILE or PGPASSWORD).",
      );
}

/** What OpenTofu says of a state that is not encrypted as `TF_ENCRYPTION` has it; undefined where it was something else. */
function withoutKey(text: string): UserError | undefined {
  const told = text.replace(/\s+/g, " ");
  const where = 'docs/security.md, "The state at rest"';
  if (/encountered unencrypted payload/.test(told))
    return new UserError(
      "The state is not encrypted yet, and TF_ENCRYPTION wants it to be",
      `Run \`npx rollcall up\` once with the fallback of ${where}.`,
    );
  if (/state file is encrypted and can not be read|decryption failed/.test(told))
    return new UserError(
      "The state is encrypted, and not with the key of TF_ENCRYPTION",
      `Set it as it was when the state was written: ${where}.`,
    );
  return undefined;
}

function parse(line: string): Event | undefined {
  try {
    return eventSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function describe(problems: readonly Event[]): string {
  const said = problems.map(({ diagnostic }) =>
    [diagnostic?.address, diagnostic?.summary, diagnostic?.detail.split("\n\n")[0]?.replace(/\s+/g, " ")]
      .filter(Boolean)
      .join(": "),
  );
  // What is wrong with a provider is wrong with each of its resources.
  return [...new Set(said)].join("; ");
}
