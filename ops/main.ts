import { cannotRun } from "../lib/cannot-run";
import { hasCode } from "../lib/error-code";
import { printableLines } from "../lib/printable";
import { CommandFailed } from "../lib/process";
import { UserError } from "../lib/user-error";
import { changesMade } from "./changes-made";
import { type Asked, readCommandLine } from "./command-line.cjs";
import { isInterrupted, onInterrupt } from "./interrupt";

/** What an npm command runs, loaded only when it is asked for; gives its exit code. */
type Verb = (asked: Asked) => Promise<number>;

const VERBS: Readonly<Record<string, () => Promise<Verb>>> = {
  up: async () => (await import("./up.js")).up,
  down: async () => (await import("./down.js")).down,
  status: async () => (await import("./status.js")).status,
  doctor: async () => (await import("./doctor.js")).doctor,
  logs: async () => (await import("./logs.js")).logs,
  verify: async () => (await import("./verify.js")).verify,
  diff: async () => (await import("./diff.js")).diff,
  drift: async () => (await import("./drift.js")).drift,
  backup: async () => (await import("./backup.js")).backup,
  restore: async () => (await import("./restore.js")).restore,
  recover: async () => (await import("./recover.js")).recover,
  rotate: async () => (await import("./rotate.js")).rotate,
  token: async () => (await import("./token.js")).token,
  env: async () => (await import("./env.js")).env,
  github: async () => (await import("./github.js")).github,
  catalog: async () => (await import("./catalog.js")).catalog,
  synth: async () => (await import("./synth.js")).synth,
  schema: async () => (await import("./schema.js")).schema,
  check: async () => (await import("./check.js")).check,
  test: async () => (await import("./test.js")).test,
  bench: async () => (await import("../bench/bench.js")).bench,
  "bench:discovery": async () => (await import("../bench/discovery.js")).benchDiscovery,
  soak: async () => (await import("../bench/soak.js")).soak,
};

async function main(argv: readonly string[]): Promise<number> {
  // Before anything is loaded or read: help and a refusal touch nothing.
  const read = readCommandLine(argv, process.env);
  if ("text" in read) {
    console.log(read.text);
    return 0;
  }
  if ("refusal" in read) throw new UserError(read.refusal.message, read.refusal.remedy);
  const load = VERBS[read.verb];
  if (load === undefined) throw new Error(`nothing runs ${read.verb}`);
  const verb = await load();
  let code = 1;
  try {
    code = await verb(read.asked);
    return code;
  } finally {
    const changes = changesMade();
    if (changes.length > 0) await (await import("./audit-verb.js")).auditVerb(read.verb, read.asked, changes, code);
  }
}

// Whoever reads may stop reading (`| head`); that is no mistake.
process.stdout.on("error", (error) => {
  if (hasCode(error, "EPIPE")) return;
  // What was printed is cut, and nobody is to take it for whole.
  console.error(
    `The output cannot be written: ${error.message}\nGive it a place that can be written, and run this again.`,
  );
  process.exit(1);
});
onInterrupt();
main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.exitCode = 1;
    console.error(isInterrupted() ? "Interrupted. The next run continues from here." : describe(error));
  },
);

function describe(error: unknown): string {
  const explained = error instanceof CommandFailed ? (cannotRun(error) ?? error) : error;
  if (explained instanceof UserError)
    return printableLines([explained.message, explained.remedy].filter(Boolean).join("\n"));
  if (explained instanceof CommandFailed) return printableLines(explained.message);
  const refused = whatTheSystemRefused(explained);
  if (refused !== undefined) return printableLines(refused);
  return `This is a defect of Rollcall, please report it:\n${error instanceof Error ? error.stack : String(error)}`;
}

/** What to tell of a file that the system did not let us read or write; undefined for another error. */
function whatTheSystemRefused(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("path" in error)) return undefined;
  if (hasCode(error, "ENOSPC"))
    return `${error.path} cannot be written: no space is left on the disk\nFree some space, and run it again.`;
  return ["EACCES", "EPERM", "EROFS"].some((code) => hasCode(error, code))
    ? `You are not permitted to use ${error.path} (${error.message})\nHave its owner run this, or work in a clone of your own.`
    : undefined;
}
