import type { Change } from "../../../../lib/catalog/changes.js";
import { describeUp, holding } from "../../../../ops/platform/announce.js";
import { blockedOf } from "../../../../ops/platform/refuse-dangers.js";
import type { Outcome } from "../../../../ops/report/diff/outcome.js";
import { nothing } from "../../../../ops/report/diff/plan-platform.js";
import type { Danger, Report } from "../../../../ops/report/diff/report.js";

const STACKS = [
  { name: "foundation", dependencies: [] },
  { name: "server-1", dependencies: ["foundation"] },
  { name: "server-2", dependencies: ["server-1"] },
  { name: "gateway", dependencies: ["server-2"] },
  { name: "access", dependencies: ["gateway"] },
  { name: "registry", dependencies: ["access"] },
  { name: "workloads", dependencies: ["foundation"] },
];

/** The names of the stacks whose plans hold where these change. */
function held(...changing: readonly string[]): readonly string[] {
  const outcome = (name: string): Outcome => ({
    ...nothing(name, "unknown"),
    plan: { ...nothing(name, "unknown").plan, state: "planned" },
    isUnchanged: !changing.includes(name),
  });
  return [...holding(STACKS, new Map(STACKS.map(({ name }) => [name, outcome(name)]))).keys()];
}

test("where nothing changes every plan holds, so that no stack is planned twice", () => {
  expect(held()).toEqual(STACKS.map(({ name }) => name));
});

test("where the foundation changes no other plan holds", () => {
  expect(held("foundation")).toEqual(["foundation"]);
});

test("what stands on a stack that changes is planned again, however far above it", () => {
  expect(held("access")).toEqual(STACKS.map(({ name }) => name).filter((name) => name !== "registry"));
  expect(held("gateway")).toEqual(["foundation", "server-1", "server-2", "gateway", "workloads"]);
});

test("a server that changes leaves the plans of the other servers as they are, and none of what stands on it", () => {
  expect(held("server-1")).toEqual(["foundation", "server-1", "server-2", "workloads"]);
});

const added = (service: string): Change => ({ service, team: "users", kind: "added", words: [] });
const report = (services: number): Report => ({
  ...{ stacks: [nothing("registry", "new").plan], noticed: [], redirected: [], drifted: [], refused: [], dangers: [] },
  catalog: Array.from({ length: services }, (_, number) => added(`service-${number}`)),
});

test("up says what is new in the words of diff", () => {
  expect(describeUp(report(2))).toContain("2 added");
  expect(describeUp(report(2))).toMatch(/registry.* new /);
});

test("up names ten services, and of more says how many change in which way, and what shows each", () => {
  expect(describeUp(report(10))).toContain("service-9");
  const told = describeUp(report(11));
  expect(told).toContain("Services: 11 added. Before an `up`, `npx rollcall diff` shows each one.");
  expect(told).not.toContain("service-9");
  expect(told).toMatch(/registry.* new /);
});

test("servers' data is blocked while ROLLCALL_PROTECT is on, whatever is allowed; other dangers only where they are not allowed", () => {
  const danger = (id: string, isAllowed: boolean): Danger => ({ id, what: id, isAllowed });
  const dangers = [danger("server-data", true), danger("ca", true), danger("gossip-key", false)];
  expect(blockedOf(dangers, { protect: true }).map(({ id }) => id)).toEqual(["server-data", "gossip-key"]);
  expect(blockedOf(dangers, { protect: false }).map(({ id }) => id)).toEqual(["gossip-key"]);
});
