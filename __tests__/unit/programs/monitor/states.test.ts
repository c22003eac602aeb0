import { isInSync, lacksChecks } from "../../../../programs/monitor/states.js";
import {
  check,
  declaring,
  definition,
  instance,
  NO_MORE,
  seenWith,
  serf,
  TWO,
  view,
  WELL,
} from "../../../support/monitor-fixtures.js";

const audit = check("audit", "passing");

describe("the state of an instance", () => {
  test.each([
    ["passing", [check("billing", "passing")], true],
    ["warning", [check("billing", "passing"), check("billing", "warning", { check: "billing:2" })], true],
    ["critical", [check("billing", "warning"), check("billing", "critical", { check: "billing:2" })], false],
    ["critical", [check("billing", "passing"), check("", "critical", { check: "disk", id: "" })], false],
    [
      "maintenance",
      [check("billing", "critical"), check("billing", "critical", { check: "_service_maintenance:billing" })],
      false,
    ],
    [
      "maintenance",
      [check("billing", "passing"), check("", "critical", { check: "_node_maintenance", id: "" })],
      false,
    ],
  ])("is %s", (state, checks, isUp) => {
    const seen = view(seenWith([serf(), audit, ...checks]));
    expect([instance(seen).state, seen.handedOut.has("billing")]).toEqual([state, isUp]);
  });

  test("is passing for one without any check that is registered", () => {
    const bare = declaring({ "catalog/user-platform/billing": { ...definition("billing"), checks: [] } });
    expect(instance(view(seenWith([serf()], ["billing"]), bare)).state).toBe("passing");
    expect(instance(view(seenWith([serf()], []), bare)).state).toBe("missing");
  });

  test("is missing where it is declared and not registered, and discovery hands nothing out", () => {
    const seen = view(seenWith([serf(), audit], ["audit"]));
    expect(instance(seen)).toMatchObject({ state: "missing", why: "declared, but not registered", checks: [] });
    expect([...seen.handedOut]).toEqual(["audit"]);
  });

  test.each([
    ["the servers do not reach its agent", seenWith([serf("critical"), audit, check("billing", "passing")])],
    ["its agent is gone from the catalog", seenWith([], [])],
  ])("is unknown and never passing where %s", (_, seen) => {
    const { instances, handedOut, isAgentUp } = view(seen);
    expect(instances.map(({ state }) => state)).toEqual(["unknown", "unknown"]);
    expect([handedOut.size, isAgentUp]).toEqual([0, false]);
  });

  test("says the words of the check that decides it", () => {
    const seen = view(seenWith([serf(), audit, check("billing", "critical", { output: "connection refused" })]));
    expect(instance(seen).why).toBe("connection refused");
  });
});

test("answers of two moments are told by an instance that is registered without the checks that it is declared with", () => {
  expect(lacksChecks(TWO, WELL)).toBe(false);
  expect(lacksChecks(TWO, seenWith([serf(), audit]))).toBe(true);
  expect(lacksChecks(TWO, seenWith([serf(), audit], ["audit"]))).toBe(false);
  const bare = declaring({ "catalog/user-platform/billing": { ...definition("billing"), checks: [] } });
  expect(lacksChecks(bare, seenWith([serf()], ["billing"]))).toBe(false);
});

test("what registered itself under a declared name elsewhere is handed out, unless its own agent is gone", () => {
  const elsewhere = check("billing", "passing", { node: "old", id: "billing-old" });
  const down = [serf(), audit, check("billing", "critical")];
  expect(view(seenWith([...down, elsewhere, serf("passing", "old")])).handedOut.has("billing")).toBe(true);
  expect(view(seenWith([...down, elsewhere, serf("critical", "old")])).handedOut.has("billing")).toBe(false);
});

describe("declared against registered", () => {
  test("is in sync where both are the same", () => {
    expect(view(WELL)).toMatchObject({ declared: 2, registered: 2, extra: 0, refused: 0 });
    expect(isInSync(view(WELL))).toBe(true);
  });

  test("counts what no declaration names: here, elsewhere, and without a check", () => {
    const stray = seenWith(
      [serf(), audit, check("billing", "passing"), check("old", "passing", { node: "other", id: "old-1" })],
      ["audit", "billing", "stray"],
      ["audit", "billing", "stray", "old", "bare"],
    );
    expect(view(stray)).toMatchObject({ registered: 2, extra: 3 });
    expect(isInSync(view(stray))).toBe(false);
    expect(view(stray, TWO, { ...NO_MORE, dynamic: ["old", "bare"] }).extra).toBe(1);
  });

  test("a service that stands twice is extra, unless old services may register themselves", () => {
    const twice = seenWith([
      serf(),
      audit,
      check("billing", "passing"),
      check("billing", "passing", { node: "old", id: "b" }),
    ]);
    expect(view(twice).extra).toBe(1);
    expect(view(twice, TWO, { ...NO_MORE, coexist: true }).extra).toBe(0);
  });

  test("a declared id under another name is missing and extra at once", () => {
    const wrong = {
      ...WELL,
      registered: new Map([
        ["audit", "audit"],
        ["billing", "payments"],
      ]),
    };
    expect(view(wrong)).toMatchObject({ registered: 1, extra: 1 });
    expect(instance(view(wrong)).state).toBe("missing");
  });

  test("a refused value counts as declared; an earlier definition that is registered is watched on", () => {
    const refusing = declaring({
      "catalog/user-platform/audit": definition("audit"),
      "catalog/user-platform/billing": { ...definition("billing"), port: 0 },
    });
    expect(view(WELL, refusing)).toMatchObject({ declared: 2, registered: 2, extra: 0, refused: 1 });
    expect(instance(view(WELL, refusing)).state).toBe("passing");
    const without = view(seenWith([serf(), audit], ["audit"]), refusing);
    expect(without.instances.map(({ id }) => id)).toEqual(["audit"]);
    expect(isInSync(view(WELL, refusing))).toBe(false);
  });
});

test("a service with two instances has a state for each", () => {
  const two = declaring({
    "catalog/user-platform/billing/a": definition("billing", "user-platform", "a"),
    "catalog/user-platform/billing/b": definition("billing", "user-platform", "b"),
  });
  const checks = ["a", "b"].map((id) =>
    check("billing", id === "a" ? "passing" : "critical", { id, check: `${id}:http` }),
  );
  const registered = new Map([
    ["a", "billing"],
    ["b", "billing"],
  ]);
  const seen = view({ checks: [serf(), ...checks], registered, names: ["billing"] }, two);
  expect(seen.instances.map(({ id, state }) => [id, state])).toEqual([
    ["a", "passing"],
    ["b", "critical"],
  ]);
  expect(seen.handedOut.has("billing")).toBe(true);
});
