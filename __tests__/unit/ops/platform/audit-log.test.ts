import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packTar } from "modern-tar";
import { CommandFailed, type Run, type RunResult } from "../../../../lib/process.js";
import { changesMade } from "../../../../ops/cli/changes-made.js";
import { auditVerb, verbLine } from "../../../../ops/platform/audit-verb.js";
import {
  type AuditLine,
  inOrder,
  parseAuditLines,
  renderJson,
  renderTable,
} from "../../../../ops/report/audit-lines.js";
import { Terraform } from "../../../../ops/terraform/terraform.js";
import { beginOf, logSpan } from "../../../../ops/verbs/logs/log-options.js";
import { readAuditFiles } from "../../../../ops/verbs/logs/read-audit.js";
import { namesOf } from "../../../../ops/verbs/logs/token-names.js";

const ACCESSOR = "03f05d6f-e682-e41d-30c9-60c34221f11b";
const line = (time: string, more: Partial<AuditLine> = {}): AuditLine => ({
  ...{ time, door: "gateway", client: "172.18.0.1", method: "PUT", path: "/v1/kv/a", status: 200, accessor: ACCESSOR },
  ...more,
});
const NOON = "2026-11-30T12:00:00+00:00";

test("a line is read as a door writes it, and one that was not written whole is left out", () => {
  const whole = JSON.stringify(line(NOON));
  expect(parseAuditLines(`${whole}\n{"time":"2026-11-30T12:0\n${whole.replace(NOON, "noon")}\n\n${whole}\n`)).toEqual([
    line(NOON),
    line(NOON),
  ]);
});

test("what both doors and the verbs wrote stands in the order in which it happened", () => {
  const [gateway, agent, verb] = [
    [line("2026-11-30T12:00:01+00:00"), line("2026-11-30T12:00:05+00:00")],
    [line("2026-11-30T12:00:03+00:00", { door: "agent" })],
    [line("2026-11-30T12:00:04Z", { door: "verb" })],
  ];
  const doorsOf = (lines: readonly AuditLine[]) => lines.map(({ door }) => door);
  expect(doorsOf(inOrder([gateway, agent, verb]))).toEqual(["gateway", "agent", "verb", "gateway"]);
  expect(doorsOf(inOrder([gateway, agent, verb], Date.parse("2026-11-30T12:00:03Z"), 2))).toEqual(["verb", "gateway"]);
  expect(inOrder([gateway, agent, verb], undefined, 0)).toEqual([]);
});

test("people get a table with the names of tokens, in which nothing of a request is obeyed", () => {
  const odd = line(NOON, { path: "/v1/kv/\u001b[2J\n", accessor: "unknown-token", status: 403 });
  expect(renderTable([line(NOON), odd], new Map([[ACCESSOR, "operator"]])).split("\n")).toEqual([
    "TIME                  DOOR     WHO            CLIENT      STATUS  WHAT",
    "2026-11-30T12:00:00Z  gateway  operator       172.18.0.1  200     PUT /v1/kv/a",
    "2026-11-30T12:00:00Z  gateway  unknown-token  172.18.0.1  403     PUT /v1/kv/\\u001b[2J\\n",
  ]);
});

test("programs get the lines themselves, one JSON object each", () => {
  const odd = line(NOON, { path: "/v1/kv/\u009b2J" });
  expect(renderJson([odd])).not.toMatch(/\u009b/);
  expect(parseAuditLines(renderJson([line(NOON), odd]))).toEqual([line(NOON), odd]);
});

test("the platform's own tokens are told by their consumer, and nobody's else is", () => {
  const token = (id: string, description: string, ...policies: readonly string[]) => ({
    ...{ id, description, policies },
  });
  const names = namesOf("m", [
    token("m", "Initial Management Token", "global-management"),
    token("o", "rollcall operator", "rollcall-operator"),
    token("f", "rollcall operator", "global-management"),
    token("p", "what somebody wrote, and more than a column takes", "some"),
    token("n", ""),
  ]);
  expect([...names]).toEqual([
    ["m", "management"],
    ["o", "operator"],
    ["f", "rollcall operator (f)"],
    ["p", "what somebody wrote, and more th… (p)"],
  ]);
});

test("--since begins at a time or so long ago, and is refused where there is no such time", () => {
  const now = Date.parse("2026-11-30T12:00:00Z");
  const begin = (since?: string) => beginOf(logSpan({ since }), now);
  expect(begin()).toBe(Number.NEGATIVE_INFINITY);
  expect(begin("1h30m")).toBe(Date.parse("2026-11-30T10:30:00Z"));
  expect(begin("2026-11-30T11:00:00+01:00")).toBe(Date.parse("2026-11-30T10:00:00Z"));
  expect(begin("2026-11-30")).toBe(new Date(2026, 10, 30).getTime());
  expect(() => begin("2026-13-40")).toThrow('--since is "2026-13-40"');
  expect(() => begin("yesterday")).toThrow('--since is "yesterday"');
});

test("a verb's line says who changed what, and has a bound", () => {
  const said = verbLine("rotate tokens --finish", ["token a deleted", "x".repeat(1000)], 1);
  expect(said).toMatchObject({ door: "verb", method: "rotate tokens --finish", status: 1, accessor: "management" });
  expect(said.client).toMatch(/^.+@.+$/);
  expect(said.path).toMatch(/^token a deleted; x+… \(\d+ characters more\)$/);
  expect(parseAuditLines(JSON.stringify(said))).toEqual([said]);
});

test("the line goes to the gateway's volume by its standard input; where it cannot, that is said and nothing else happens", async () => {
  const said = jest.spyOn(console, "error").mockImplementation(() => {});
  const run = jest.fn<Promise<RunResult>, Parameters<Run>>(async () => ({ stdout: "", stderr: "" }));
  const call = () => auditVerb("up", ["registry: 1 changed"], 0, run);
  try {
    await call();
    const [program, args, options] = run.mock.calls[0] ?? [];
    expect([program, ...(args ?? [])].join(" ")).toBe(
      "docker exec --interactive consul-ui /bin/sh -c cat >>/var/log/rollcall/verbs.log",
    );
    expect(parseAuditLines(String(options?.input))).toMatchObject([{ method: "up", path: "registry: 1 changed" }]);
    expect(said).not.toHaveBeenCalled();
    // There is no log where there is no gateway: of an `up` that was cut short, the next one tells.
    run.mockRejectedValue(new CommandFailed("docker exec", "exit", 1, ["No such container: consul-ui"]));
    await call();
    expect(said).not.toHaveBeenCalled();
    run.mockRejectedValue(new CommandFailed("docker exec", "exit", 1, ["no space left"]));
    await call();
    expect(said.mock.calls).toEqual([["The audit log has no line of this: no space left"]]);
  } finally {
    said.mockRestore();
  }
});

test("a door's files are read from what Docker gives of its volume, the older one of each before it", async () => {
  const home = mkdtempSync(join(tmpdir(), "rollcall-audit-"));
  const docker = join(home, "docker");
  const file = (name: string, body: string) => ({ header: { name: `audit/${name}`, size: body.length }, body });
  try {
    const files = [file("writes.log", "new"), file("writes.log.1", "old "), file("refused.log", "no")];
    writeFileSync(join(home, "tar"), await packTar(files));
    writeFileSync(docker, `#!/bin/sh\ncat ${home}/tar\n`, { mode: 0o755 });
    expect(Object.fromEntries(await readAuditFiles("consul-ui", docker))).toEqual({
      "writes.log": "old new",
      "refused.log": "no",
    });
    const refusal = "#!/bin/sh\necho 'Error response from daemon: No such container: consul-ui' >&2; exit 1\n";
    writeFileSync(docker, refusal, { mode: 0o755 });
    await expect(readAuditFiles("consul-ui", docker)).rejects.toThrow(/^No such container: consul-ui$/);
  } finally {
    rmSync(home, { recursive: true });
  }
});

test("what Terraform did is remembered for that line, also where it failed, and nothing where it did nothing", async () => {
  const home = mkdtempSync(join(tmpdir(), "rollcall-audit-"));
  const apply = (...events: readonly unknown[]) => {
    mkdirSync(join(home, "stack", ".terraform"), { recursive: true });
    writeFileSync(join(home, "said"), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    writeFileSync(join(home, "terraform"), `#!/bin/sh\ncat ${join(home, "said")}\n`, { mode: 0o755 });
    const terraform = new Terraform(join(home, "terraform"), { PATH: process.env.PATH });
    return terraform.apply("gateway", join(home, "stack"), () => {});
  };
  const did = (action: string) => ({ type: "apply_complete", hook: { action } });
  try {
    await apply({ type: "version" });
    expect(changesMade()).toEqual([]);
    // Terraform tells of an output of another stack that it read as it tells of what it made.
    await apply(did("read"), did("read"));
    expect(changesMade()).toEqual([]);
    await apply(did("create"), did("create"), did("delete"));
    const failed = { type: "diagnostic", diagnostic: { severity: "error", summary: "no" } };
    await expect(apply(did("update"), failed)).rejects.toThrow();
    expect(changesMade()).toEqual(["gateway: 2 made, 1 destroyed", "gateway: 1 changed"]);
  } finally {
    rmSync(home, { recursive: true });
  }
});
