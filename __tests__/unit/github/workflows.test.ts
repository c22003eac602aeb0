import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ROLLCALL } from "../../../ops/cli/commands/all.js";

interface Job {
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly uses?: string; readonly run?: string; readonly with?: Record<string, unknown> }[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = join(import.meta.dirname, "../../..");
const folder = join(root, ".github/workflows");
const workflows = readdirSync(folder).map((name) => {
  const text = readFileSync(join(folder, name), "utf8");
  return { ...(parse(text) as Workflow), name, text };
});
const jobs = workflows.flatMap(({ name, jobs: all }) =>
  Object.entries(all).map(([job, each]) => ({ ...each, place: `${name} ${job}` })),
);
const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

test("every action is pinned to a commit, with its version beside it", () => {
  for (const { text } of workflows)
    for (const [line] of text.matchAll(/uses: .*/g))
      expect(line).toMatch(/^uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test("no workflow may do more than read unless a job of it asks for one right", () => {
  for (const { permissions } of workflows)
    expect(Object.entries(permissions).filter(([, right]) => right !== "read")).toEqual([]);
  const writes = jobs.map(({ place, permissions }) => [
    place,
    Object.entries(permissions ?? {}).flatMap(([what, right]) => (right === "write" ? [what] : [])),
  ]);
  expect(Object.fromEntries(writes.filter(([, rights]) => rights?.length !== 0))).toEqual({
    "diff.yml catalog": ["pull-requests"],
    "diff.yml plan": ["pull-requests"],
    "drift.yml drift": ["issues"],
  });
});

test("a fork's code never runs beside a token that may write, nor where the platform is", () => {
  const risky = workflows.filter(({ on }) => "pull_request_target" in on);
  expect(risky.map(({ name }) => name)).toEqual(["diff.yml"]);
  const checkouts = Object.entries(risky[0]?.jobs ?? {}).map(([name, { if: condition, steps }]) => [
    name,
    condition?.includes("head.repo.full_name == github.repository") === true,
    steps.some((step) => step.with !== undefined && "ref" in step.with),
  ]);
  expect(checkouts).toEqual([
    ["catalog", false, false],
    ["plan", true, true],
  ]);
  for (const { on, text } of workflows)
    if ("pull_request" in on) expect(text).not.toMatch(/secrets\.|github\.token|: write/);
});

test("the packages' signatures are verified before any of their code runs", () => {
  const runs = workflows
    .find(({ name }) => name === "test.yml")
    ?.jobs.lint?.steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
  expect(runs?.slice(0, 2)).toEqual(["npm ci", "npm audit signatures"]);
});

/** The rules of a CODEOWNERS file: what they are about and whose it is. */
function owners(text: string) {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => {
      const [path = "", ...whose] = line.trim().split(/\s+/);
      return { path, whose };
    });
}

test("each team's file has an owner of its own, and what can change the platform belongs to those who run it", () => {
  const rules = owners(readFileSync(join(root, ".github/CODEOWNERS"), "utf8"));
  // GitHub takes the last rule that fits, so the one for everything comes first.
  expect(rules[0]).toEqual({ path: "*", whose: ["@example/platform"] });
  for (const { path, whose } of rules) {
    expect(whose).not.toEqual([]);
    expect([path, path === "*" || existsSync(join(root, path))]).toEqual([path, true]);
    for (const each of whose) expect(each).toMatch(/^@[\w-]+\/[\w-]+$/);
  }
  const last = (path: string) => rules.findLast((rule) => rule.path === path)?.whose;
  for (const name of readdirSync(join(root, "service-catalog")).filter((each) => /^[^.].*\.yaml$/.test(each))) {
    const { team } = parse(readFileSync(join(root, "service-catalog", name), "utf8"));
    expect([name, last(`/service-catalog/${name}`)]).toEqual([name, [`@example/${team}`]]);
  }
  for (const area of ["/.github/", "/lib/backend/", "/ops/", "/provision/", "/package-lock.json", "/.npmrc"])
    expect([area, last(area)]).toEqual([area, ["@example/platform"]]);
});

test("nothing that a stranger writes is pasted into a command, and no credentials stay in the clone", () => {
  for (const { steps } of jobs)
    for (const step of steps) {
      expect(step.run ?? "").not.toContain("${{");
      if (step.uses?.startsWith("actions/checkout@")) expect(step.with).toMatchObject({ "persist-credentials": false });
    }
});

test("a merge has no leave for what up refuses: a person gives it by hand, for one run", () => {
  const allows = workflows.flatMap(({ name, text }) =>
    [...text.matchAll(/ROLLCALL_ALLOW: (.*)/g)].map(([, value]) => `${name} ${value}`),
  );
  expect(allows).toEqual(["apply.yml ${{ inputs.allow }}"]);
  const apply = workflows.find(({ name }) => name === "apply.yml");
  expect(apply?.on).toMatchObject({ workflow_dispatch: { inputs: { allow: { default: "" } } } });
});

test("what a workflow runs is what a person runs", () => {
  const runs = jobs.flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
  for (const run of runs) {
    const [, script, verb] = /^(?:npm run ([\w:]+)|npx --no rollcall (\w+))/.exec(run) ?? [];
    if (script !== undefined) expect(Object.keys(scripts)).toContain(script);
    else if (verb !== undefined) expect(ROLLCALL.commands.map((command) => command.name())).toContain(verb);
    else expect(run).toMatch(/^(npm ci|npm audit signatures$|bash \.ci\/run|git fetch )/);
  }
});
