import { type Baseline, baselineOf, changesTo, replayed, shown } from "../../../../programs/monitor/changes.js";
import { check, seenWith, serf, view, WELL } from "../../../support/monitor-fixtures.js";

const T = Date.parse("2026-12-01T10:00:00.000Z");
const audit = check("audit", "passing");
const start = baselineOf(new Map(), view(WELL), T);
const down = view(seenWith([serf(), audit, check("billing", "critical", { output: "connection refused" })]));
const gone = view(seenWith([serf(), audit], ["audit"]));

const common = { time: "2026-12-01T10:00:00.000Z", service: "billing", team: "user-platform", id: "billing" };

test("what a first view has is new, each instance before its checks", () => {
  const changes = changesTo(new Map(), view(WELL), T);
  expect(changes.map(({ id, check, from, to }) => [id, check, from, to])).toEqual([
    ["audit", null, null, "passing"],
    ["audit", "audit:http", null, "passing"],
    ["billing", null, null, "passing"],
    ["billing", "billing:http", null, "passing"],
  ]);
});

test("nothing has changed where nothing did, whatever a check says", () => {
  const others = seenWith([serf(), audit, check("billing", "passing", { output: "200 OK, load 3" })]);
  expect(changesTo(start, view(others), T)).toEqual([]);
});

test("a service that stops, is reaped, and is registered again: each change once, with its words", () => {
  expect(changesTo(start, down, T)).toEqual([
    { ...common, check: null, from: "passing", to: "critical", output: "connection refused" },
    { ...common, check: "billing:http", from: "passing", to: "critical", output: "connection refused" },
  ]);
  const stopped = baselineOf(start, down, T);
  expect(changesTo(stopped, gone, T)).toEqual([
    { ...common, check: null, from: "critical", to: "missing", output: "declared, but not registered" },
    { ...common, check: "billing:http", from: "critical", to: null, output: "" },
  ]);
  const reaped = baselineOf(stopped, gone, T);
  expect(changesTo(reaped, view(WELL), T).map(({ check, from, to }) => [check, from, to])).toEqual([
    [null, "missing", "passing"],
    ["billing:http", null, "passing"],
  ]);
});

test("where the agent is gone, instances change and their checks, which nobody made, do not", () => {
  const lost = view(seenWith([serf("critical"), audit, check("billing", "passing")]));
  expect(changesTo(start, lost, T).map(({ id, check, to }) => [id, check, to])).toEqual([
    ["audit", null, "unknown"],
    ["billing", null, "unknown"],
  ]);
});

test("what is no longer declared leaves", () => {
  const changes = changesTo(start, { ...view(WELL), instances: [] }, T);
  expect(changes.map(({ id, from, to }) => [id, from, to])).toEqual([
    ["audit", "passing", null],
    ["billing", "passing", null],
  ]);
});

test("a history that is replayed gives what was known", () => {
  let known: Baseline = new Map();
  let replay: Baseline = new Map();
  for (const [step, now] of [view(WELL), down, gone, view(WELL), { ...view(WELL), instances: [] }, down].entries()) {
    replay = replayed(replay, changesTo(known, now, T + step));
    known = baselineOf(known, now, T + step);
    expect([...replay].sort()).toEqual([...known].sort());
    expect(changesTo(replay, now, T)).toEqual([]);
  }
});

describe("a check's output in the history", () => {
  test("is cut at 500 bytes, within no character", () => {
    expect(shown("x".repeat(600))).toHaveLength(500);
    expect(shown(`${"x".repeat(499)}ä`)).toBe("x".repeat(499));
    expect(shown("Umläute\n")).toBe("Umläute");
  });

  test.each([
    "HTTP GET http://isa-billing:8216/health?token=a8Fz91kLm0: 200 OK Output: fine",
    'HTTP GET http://isa-billing:8216/health: 200 OK Output: {"api_key":"a8Fz91kLm0"}',
    "postgres://admin:hunter2@db:5432 refused",
    "Authorization: Bearer abcdefgh12345678",
  ])("has no secret: %s", (output) => {
    expect(shown(output)).toBe("(not shown)");
  });

  test("is shown where there is none", () => {
    const usual = 'HTTP GET http://isa-billing:8216/health: 200 OK Output: {"status":"healthy"}';
    expect(shown(usual)).toBe(usual);
    expect(shown('Get "http://isa-billing:8216/health": dial tcp: lookup isa-billing: no such host')).toMatch(/^Get/);
  });

  test("has no half of a secret that the cut would leave: it is judged as a whole", () => {
    expect(shown(`${"x".repeat(480)} {"password":"abcdefghijklmnopqrstuvwxyz"}`)).toBe("(not shown)");
  });
});
