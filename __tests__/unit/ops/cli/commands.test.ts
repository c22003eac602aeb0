import { readFileSync } from "node:fs";
import fc from "fast-check";
import { DEV } from "../../../../dev/commands/all.js";
import { generated } from "../../../../dev/generate.js";
import { ROLLCALL } from "../../../../ops/cli/commands/all.js";
import { isEveryVerbs, pathsOf } from "../../../../ops/cli/program.js";
import { wordsOf } from "../../../../ops/cli/run-program.js";
import { warning } from "../../../../ops/verbs/token.js";
import { Reader } from "../../../support/called.js";

const [verbs, devVerbs] = [new Reader(ROLLCALL, "npx rollcall"), new Reader(DEV, "node dev/run.mjs")];

test.each(Object.entries(generated(DEV)))("%s is what the code makes: `npm run generate` writes it", (file, render) => {
  expect(readFileSync(file, "utf8")).toBe(render());
});

test("each verb says what it does in one line, as a sentence without its full stop", () => {
  for (const [path, command] of [...pathsOf(ROLLCALL), ...pathsOf(DEV)].filter(([path]) => path !== "")) {
    expect({ path, does: command.summary() }).toEqual({ path, does: expect.stringMatching(/^[`A-Z].*[^.]$/) });
  }
});

test.each([
  [["restore", "FILE", "--yes"], { path: "restore", args: ["FILE"], options: { yes: true } }],
  [["restore", "-y", "FILE"], { path: "restore", args: ["FILE"], options: { yes: true } }],
  [["logs", "agent", "--tail", "5", "-f"], { path: "logs", args: ["agent"], options: { follow: true, tail: "5" } }],
  [["logs", "agent", "--tail=5"], { path: "logs", args: ["agent"], options: { tail: "5" } }],
  [["logs", "audit", "--all", "--json"], { path: "logs audit", args: [], options: { all: true, json: true } }],
  [["logs", "audit", "--tail", "5"], { path: "logs audit", options: { tail: "5" } }],
  [["logs", "audit-platform/audit"], { path: "logs", args: ["audit-platform/audit"] }],
  [["down"], { path: "down", args: [] }],
  [["down", "clone-ab12", "--yes"], { path: "down", args: ["clone-ab12"], options: { yes: true } }],
  [["diff"], { path: "diff", options: { format: "text" } }],
  [["diff", "--json"], { path: "diff", options: { json: true } }],
  [["up", "--yes"], { path: "up", options: { yes: true } }],
  [["down", "--keep-data"], { path: "down", args: [], options: { keepData: true } }],
  [["backup", "--list", "--json"], { path: "backup", options: { list: true, json: true } }],
  [["settings", "--write"], { path: "settings", options: { write: true } }],
  [["diff", "--against", "HEAD", "--format", "json"], { path: "diff", options: { against: "HEAD", format: "json" } }],
  [["rotate", "tokens", "--finish"], { path: "rotate tokens", options: { finish: true } }],
  [["catalog", "show", "billing_service"], { path: "catalog show", args: ["billing_service"] }],
  [["github", "comment", "--pull-request", "7"], { path: "github comment", options: { pullRequest: "7" } }],
  [["--quiet", "status", "--json"], { path: "status", options: { json: true } }],
  [["status", "--json", "--quiet"], { path: "status", options: { json: true } }],
  [["token"], { path: "token", args: [] }],
  [
    ["add", "service", "one", "--team", "t", "--port", "80", "--tags", "a, b", "--meta", "x=1", "--meta", "y=2=3"],
    { path: "add service", args: ["one"], options: { team: "t", port: 80, tags: ["a", "b"], meta: ["x=1", "y=2=3"] } },
  ],
  [["completion", "zsh"], { path: "completion", args: ["zsh"] }],
])("%j is taken", async (words, expected) => {
  expect(await verbs.read(words)).toMatchObject(expected);
});

test.each([
  [["test"], { path: "test", args: [] }],
  [["test", "e2e", "01-up", "99-down"], { path: "test e2e", args: [["01-up", "99-down"]] }],
  [["test", "changed", "--since", "HEAD"], { path: "test changed", options: { since: "HEAD" } }],
  [["bench", "cold"], { path: "bench cold" }],
  [["bench:discovery"], { path: "bench:discovery" }],
  [["soak", "5"], { path: "soak", args: ["5"] }],
])("%j is taken by those who work on Rollcall", async (words, expected) => {
  expect(await devVerbs.read(words)).toMatchObject(expected);
});

const HELP = (path: string) => `Run \`npx rollcall${path === "" ? "" : ` ${path}`} --help\`.`;

test.each([
  [["statsu"], `Unknown command 'statsu'\nDid you mean status? ${HELP("")}`],
  [["status", "--jsno"], `Unknown option '--jsno'\nDid you mean --json? ${HELP("status")}`],
  [["status", "now"], `Too many arguments for 'status'. Expected 0 arguments but got 1.\n${HELP("status")}`],
  [["up", "--dry-rnu"], `Unknown option '--dry-rnu'\nDid you mean --dry-run? ${HELP("up")}`],
  [["up", "--dry-run", "--yes"], `Option '--dry-run' cannot be used with option '-y, --yes'\n${HELP("up")}`],
  [
    ["drift", "--json", "--format", "text"],
    `Option '--json' cannot be used with option '--format <format>'\n${HELP("drift")}`,
  ],
  [["settings", "--json", "--write"], `Option '--json' cannot be used with option '--write'\n${HELP("settings")}`],
  [["stop", "gateway"], `Too many arguments for 'stop'. Expected 0 arguments but got 1.\n${HELP("stop")}`],
  [["start", "--yes"], `Unknown option '--yes'\n${HELP("start")}`],
  [["--confg", "x", "status"], `Unknown option '--confg'\nDid you mean --config? ${HELP("")}`],
  [["status", "--config"], `Option '--config <file>' argument missing\n${HELP("status")}`],
  [["up", "-n"], `Unknown option '-n'\n${HELP("up")}`],
  [["down", "--yes=no"], `Unknown option '--yes=no'\nDid you mean --yes? ${HELP("down")}`],
  [["down", "a", "b"], `Too many arguments for 'down'. Expected 1 argument but got 2.\n${HELP("down")}`],
  // `npx rollcall down "$NAME"` without a NAME: the word of everything that has no label of ours.
  [["down", ""], `An argument is empty\n${HELP("down")}`],
  [
    ["diff", "--format", "jsn"],
    `Option '--format <format>' argument 'jsn' is invalid. Allowed choices are text, markdown, json.\n${HELP("diff")}`,
  ],
  [["diff", "--against"], `Option '--against <ref>' argument missing\n${HELP("diff")}`],
  [["diff", "--against="], `--against is empty\n${HELP("diff")}`],
  [["catalog", "lint", "--nonsense"], `Unknown option '--nonsense'\n${HELP("catalog lint")}`],
  [
    ["catalog", "list", "extra"],
    `Too many arguments for 'list'. Expected 0 arguments but got 1.\n${HELP("catalog list")}`,
  ],
  [["catalog", "lint", "--from", "x"], `Unknown option '--from'\nDid you mean --format? ${HELP("catalog lint")}`],
  [["catalog", "lnit"], `Unknown command 'lnit'\nDid you mean lint? ${HELP("catalog")}`],
  [["catalog"], `\`rollcall catalog\` needs one of its commands\n${HELP("catalog")}`],
  [["catalog", "show"], `Missing required argument 'service'\n${HELP("catalog show")}`],
  [["catalog", "import", "--to", "x"], `Required option '--from <url>' not specified\n${HELP("catalog import")}`],
  [["restore"], `Missing required argument 'file'\n${HELP("restore")}`],
  [["logs"], `Missing required argument 'part'\n${HELP("logs")}`],
  [["logs", "audit", "--follow"], `Unknown option '--follow'\n${HELP("logs audit")}`],
  [["logs", "--tail", "5", "audit"], `--tail stands before \`audit\`\nPut it at the end. ${HELP("logs audit")}`],
  [["logs", "agent", "--all"], `Unknown option '--all'\nDid you mean --tail? ${HELP("logs")}`],
  [["rotate", "gossip", "--finish"], `Unknown option '--finish'\n${HELP("rotate gossip")}`],
  [["add", "service", "one"], `Required option '--team <team>' not specified\n${HELP("add service")}`],
  [
    ["add", "service", "one", "--team", "t", "--port", "8o"],
    `Option '--port <number>' argument '8o' is invalid. It takes a whole number.\n${HELP("add service")}`,
  ],
  [
    ["catalog", "lint", "--json", "--format", "github"],
    `Option '--format <format>' cannot be used with option '--json'\n${HELP("catalog lint")}`,
  ],
  [
    ["completion", "pash"],
    `Command-argument value 'pash' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish.\n${HELP("completion")}`,
  ],
  [
    ["github", "drift", "now"],
    `Too many arguments for 'drift'. Expected 0 arguments but got 1.\n${HELP("github drift")}`,
  ],
])("%j is refused", async (words, told) => {
  expect(await verbs.refusal(words)).toBe(told);
});

test("whoever works on Rollcall is told of no executable of somebody else's", async () => {
  expect(await devVerbs.refusal(["test", "--nope"])).toBe(
    "Unknown option '--nope'\nRun `node dev/run.mjs test --help`.",
  );
});

test("the verb that was called is named, also where an option of every verb stands before it", async () => {
  const told = await verbs.refusal(["--config", "x.yaml", "status", "--jsno"]);
  expect(told).toBe(`Unknown option '--jsno'\nDid you mean --json? ${HELP("status")}`);
});

/** Words that people type, and what a script makes of them by mistake. */
const typed = fc.oneof(
  fc.constantFrom("", "-", "--", "-n", "-y", "-f", "--yes", "--no-yes", "--dry-run=false", "help", "__proto__"),
  fc.string(),
  fc.stringMatching(/^--?[a-z-]{1,12}(=[a-z]*)?$/),
);

/** Verbs that take nothing but what every verb takes. */
const BARE = pathsOf(ROLLCALL)
  .filter(
    ([path, { commands, options, registeredArguments }]) =>
      path !== "" &&
      commands.length + registeredArguments.length === 0 &&
      options.every(({ long }) => isEveryVerbs(long ?? "")),
  )
  .map(([path]) => path);

test("whatever is typed after a verb that takes nothing, it is refused, or is an option of every verb", async () => {
  expect(BARE).toEqual(expect.arrayContaining(["stop", "synth", "env"]));
  // Commander reads `-qh` as `-q -h`, and `-q-` as `-q --`.
  const everyVerbs = /^(-[qh]+-?|--(quiet|color|no-color|help))+$/;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...BARE), fc.array(typed, { minLength: 1, maxLength: 3 }), async (path, args) => {
      fc.pre(!args.every((arg) => arg === "--" || everyVerbs.test(arg)) && !args.includes("--config"));
      expect(await verbs.refusal([...path.split(" "), ...args])).not.toBe("");
    }),
    { numRuns: 1_000 },
  );
});

test("a verb's line in the audit log has its words and options, without values and without --yes", async () => {
  await verbs.read(["rotate", "tokens", "--finish"]);
  const named = (path: string) => pathsOf(ROLLCALL).find(([each]) => each === path)?.[1] ?? ROLLCALL;
  expect(wordsOf(named("rotate tokens"))).toBe("rotate tokens --finish");
  await verbs.read(["restore", "FILE", "--yes"]);
  expect(wordsOf(named("restore"))).toBe("restore");
});

test("whoever shows a token is told how to pass it on unseen", () => {
  expect(warning("operator")).toContain('export CONSUL_HTTP_TOKEN="$(npx rollcall token operator)"');
  expect(warning("operator")).toContain("umask 077");
});
