import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NO_PROJECT_TEXT } from "../../../../ops/cli/completion/posix.js";
import { renderCompletion } from "../../../../ops/cli/completion/render.js";
import { SHELLS } from "../../../../ops/cli/completion/shells.js";
import type { CommandWords } from "../../../../ops/cli/completion/words.js";
import { NAMES_FOLDER } from "../../../../ops/cli/known-names.js";

const json = { long: "json", takesValue: false, summary: "prints JSON: for programs" };
const COMMANDS: readonly CommandWords[] = [
  { name: "up", summary: "applies what isn't there", options: [json] },
  {
    name: "logs",
    summary: "shows a log",
    takes: "part",
    options: [{ long: "tail", short: "n", takesValue: true, summary: "as many lines" }],
  },
  {
    name: "catalog",
    summary: "reads the catalog",
    options: [],
    subcommands: [
      {
        name: "lint",
        summary: "tells mistakes",
        options: [json, { long: "format", takesValue: true, choices: ["text", "github"], summary: "how" }],
      },
      { name: "show", summary: "shows a service", takes: "service", options: [json] },
    ],
  },
  {
    name: "add",
    summary: "adds to the catalog",
    options: [],
    subcommands: [
      {
        name: "service",
        summary: "adds $(touch pwned)",
        options: [{ long: "team", takesValue: true, takes: "team", summary: "whose it is" }],
      },
    ],
  },
  { name: "restore", summary: "restores a backup", takes: "file", options: [] },
];
const CONTEXT = {
  options: [{ long: "help", short: "h", takesValue: false, summary: "shows this" }],
  parts: ["server-1", "agent"],
};

const folder = mkdtempSync(join(tmpdir(), "rollcall completion-"));
const project = join(folder, "project");
const script = join(folder, "rollcall.bash");
beforeAll(() => {
  mkdirSync(join(project, NAMES_FOLDER), { recursive: true });
  mkdirSync(join(project, "node_modules", ".bin"));
  mkdirSync(join(project, "deep", "er"), { recursive: true });
  mkdirSync(join(folder, "elsewhere"));
  writeFileSync(join(project, "cdktf.json"), "{}");
  writeFileSync(join(project, "backup.age"), "");
  const program = '#!/bin/sh\necho "$PWD: $1, $2"\nexit 3\n';
  writeFileSync(join(project, "node_modules", ".bin", "rollcall"), program, { mode: 0o755 });
  writeFileSync(join(project, NAMES_FOLDER, "services"), "agent_service\nbilling_service\n");
  writeFileSync(join(project, NAMES_FOLDER, "teams"), "team-a\nteam-b\n");
  writeFileSync(script, renderCompletion("bash", COMMANDS, CONTEXT));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs lines in a plain bash that has the script; no program can be started but by its whole path. */
function bash(lines: string, cwd: string) {
  const all = `set -u; . ${JSON.stringify(script)}\n${lines}`;
  return spawnSync("/bin/bash", ["--norc", "--noprofile", "-c", all], { cwd, env: { PATH: "" }, encoding: "utf8" });
}

/** What a TAB behind these words offers; the last of them is the one at the cursor. */
function offered(words: readonly string[], cwd: string = join(project, "deep", "er")): readonly string[] {
  const typed = ["rollcall", ...words].map((word) => `'${word}'`).join(" ");
  const { stdout, stderr } = bash(
    `COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _rollcall_complete; printf '%s\\n' "\${COMPREPLY[@]}"`,
    cwd,
  );
  expect(stderr).toBe("");
  return stdout.split("\n").filter(Boolean);
}

const SERVICES = ["agent_service", "billing_service"];

test.each<readonly [readonly string[], readonly string[]]>([
  [[""], ["up", "logs", "catalog", "add", "restore"]],
  [["cat"], ["catalog"]],
  [["-"], ["--help", "-h"]],
  [["nonsense", ""], []],
  [
    ["catalog", ""],
    ["lint", "show"],
  ],
  [["catalog", "show", ""], SERVICES],
  [["catalog", "show", "bil"], ["billing_service"]],
  [["catalog", "show", "--json", "bil"], ["billing_service"]],
  [["catalog", "show", "billing_service", ""], []],
  [
    ["catalog", "lint", "--"],
    ["--json", "--format"],
  ],
  [
    ["catalog", "lint", ""],
    ["--json", "--format"],
  ],
  [
    ["catalog", "lint", "--format", ""],
    ["text", "github"],
  ],
  [["catalog", "lint", "--format", "=", "gi"], ["github"]],
  [
    ["catalog", "lint", "--format", "="],
    ["text", "github"],
  ],
  [["catalog", "lint", "--format=gi"], ["--format=github"]],
  [["catalog", "lint", "--format", "github", "--j"], ["--json"]],
  [
    ["add", "service", "orders", "--team", ""],
    ["team-a", "team-b"],
  ],
  [
    ["logs", "a"],
    ["agent", "agent_service"],
  ],
  [["logs", "-n", ""], []],
  [["logs", "-n", "5", "s"], ["server-1"]],
  [
    ["logs", "--", "a"],
    ["agent", "agent_service"],
  ],
  [["logs", "--", "-"], []],
  [["restore", "../../ba"], ["../../backup.age"]],
])("a TAB behind %j offers %j, without a program", (words, all) => {
  expect(offered(words)).toEqual(all);
});

test.each(["$(touch pwned)", "a;b", "a b", "*", "`id`"])(
  "a file of names with %j in it offers nothing and runs nothing",
  (line) => {
    const odd = join(folder, "odd");
    mkdirSync(join(odd, NAMES_FOLDER), { recursive: true });
    mkdirSync(join(odd, "ops"), { recursive: true });
    writeFileSync(join(odd, "cdktf.json"), "{}");
    writeFileSync(join(odd, "ops", "run.mjs"), "");
    writeFileSync(join(odd, NAMES_FOLDER, "services"), `billing_service\n${line}\n`);
    expect(offered(["catalog", "show", ""], odd)).toEqual([]);
    expect(existsSync(join(odd, "pwned"))).toBe(false);
  },
);

test("outside a project a TAB offers commands and no names", () => {
  const outside = join(folder, "elsewhere");
  expect(offered(["catalog", ""], outside)).toEqual(["lint", "show"]);
  expect(offered(["catalog", "show", ""], outside)).toEqual([]);
});

test("a TAB takes less than 100 ms with 1,000 services", () => {
  const names = Array.from({ length: 1000 }, (_, index) => `service_${index}\n`);
  const large = join(folder, "large");
  mkdirSync(join(large, NAMES_FOLDER), { recursive: true });
  mkdirSync(join(large, "ops"));
  writeFileSync(join(large, "cdktf.json"), "{}");
  writeFileSync(join(large, "ops", "run.mjs"), "");
  writeFileSync(join(large, NAMES_FOLDER, "services"), names.join(""));
  const lines = [
    "COMP_WORDS=(rollcall catalog show ''); COMP_CWORD=3",
    "for i in 1 2 3 4 5; do",
    "  before=${EPOCHREALTIME/[.,]/}; _rollcall_complete; echo $((${EPOCHREALTIME/[.,]/} - before)) ${#COMPREPLY[@]}",
    "done",
  ];
  const rounds = bash(lines.join("\n"), large)
    .stdout.trim()
    .split("\n")
    .map((line) => line.split(" ").map(Number));
  expect(rounds.map(([, count]) => count)).toEqual([1000, 1000, 1000, 1000, 1000]);
  // The quickest: what else the machine does is no property of the script.
  expect(Math.min(...rounds.map(([microseconds = Number.NaN]) => microseconds))).toBeLessThan(100_000);
});

test("rollcall runs the program of the project around the folder, from that folder", () => {
  const deep = join(project, "deep", "er");
  expect(bash("rollcall 'a b' c", deep)).toMatchObject({ stdout: `${deep}: a b, c\n`, stderr: "", status: 3 });
});

test("rollcall outside a project says so and ends with 64", () => {
  const outside = join(folder, "elsewhere");
  expect(bash("rollcall up", outside)).toMatchObject({ stdout: "", stderr: `${NO_PROJECT_TEXT}\n`, status: 64 });
});

test.each(SHELLS)("the script for %s has every command, option, choice and part, and where the names are", (shell) => {
  const text = renderCompletion(shell, COMMANDS, CONTEXT);
  const words = ["catalog lint", "--format", "github", "-n", "server-1", "--team", "--help"];
  const names = [`${NAMES_FOLDER}/services`, `${NAMES_FOLDER}/teams`];
  expect([...words, ...names].filter((word) => !text.includes(word))).toEqual([]);
});

test.each<readonly [(typeof SHELLS)[number], readonly string[]]>([
  ["zsh", ["'up:applies what isn'\\''t there'", "'--json:prints JSON: for programs'", "'service:adds $(touch pwned)'"]],
  ["fish", ["'up' 'applies what isn\\'t there'", "'--json' 'prints JSON: for programs'", "'adds $(touch pwned)'"]],
])("a summary is quoted for %s", (shell, quoted) => {
  const text = renderCompletion(shell, COMMANDS, CONTEXT);
  expect(quoted.filter((each) => !text.includes(each))).toEqual([]);
});

test.each<readonly [string, CommandWords]>([
  ["$(x)", { name: "$(x)", summary: "", options: [] }],
  ["a b", { name: "up", summary: "", options: [{ long: "a b", takesValue: false, summary: "" }] }],
  ["x;y", { name: "up", summary: "", options: [{ long: "x", takesValue: true, choices: ["x;y"], summary: "" }] }],
])("the word %j is refused: a shell would read it as something else", (word, command) => {
  expect(() => renderCompletion("bash", [command])).toThrow(`a shell would not take ${JSON.stringify(word)} as it is`);
});
