import fc from "fast-check";
import { Endpoint } from "../src/endpoint.js";
import type { EndpointGroup } from "../src/endpoint-group.js";
import type { Health } from "../src/instance.js";
import { isEjected } from "../src/outliers.js";
import { candidatesOf, Pool } from "../src/pool.js";
import { seeded } from "../src/random-source.js";
import { RoundRobin } from "../src/strategies/round-robin.js";
import { groupAt, instance, instances } from "./support/helpers.js";

function fail(group: EndpointGroup, number: number, times: number): void {
  const endpoint = group.endpoints[number];
  for (let call = 0; call < times; call++) if (endpoint !== undefined) group.observe(endpoint, false, 1);
}

function poolOf(group: EndpointGroup): Pool {
  const random = seeded(1);
  return new Pool({ service: "web", group, strategy: new RoundRobin({ random }), random });
}

const picked = (pool: Pool, picks = 100) =>
  new Set(Array.from({ length: picks }, () => pool.pick().instance.id.slice(-2)));

test("the fifth failure in a row ejects for 30 s, the next for 60 s, and none for more than 300 s", () => {
  const clock = { now: 1000 };
  const group = groupAt(clock);
  group.update(instances(10));
  const lasts: number[] = [];
  for (let ejection = 0; ejection < 12; ejection++) {
    fail(group, 3, 4);
    expect(group.endpoints.some(isEjected)).toBe(false);
    fail(group, 3, 1);
    const until = group.endpoints[3]?.ejectedUntil ?? 0;
    lasts.push((until - clock.now) / 1000);
    clock.now = until;
    group.sweep();
  }
  expect(lasts).toEqual([30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300]);
});

test("a good call between failures is forgiveness, and ten calm seconds take one step back", () => {
  const clock = { now: 0 };
  const group = groupAt(clock);
  group.update(instances(10));
  const [first] = group.endpoints;
  if (first === undefined) throw new Error("no endpoint");
  for (let call = 0; call < 50; call++) group.observe(first, call % 5 === 4, 1);
  expect(isEjected(first)).toBe(false);
  fail(group, 0, 5);
  expect(first.ejections).toBe(1);
  clock.now = 30_000;
  group.sweep();
  clock.now = 40_000;
  group.sweep();
  expect(first.ejections).toBe(0);
});

test("an ejected instance gets nothing, and comes back slowly", () => {
  const clock = { now: 0 };
  const group = groupAt(clock);
  group.update(instances(4));
  const pool = poolOf(group);
  expect(picked(pool)).toEqual(new Set(["00", "01", "02", "03"]));
  fail(group, 2, 5);
  expect(picked(pool)).toEqual(new Set(["00", "01", "03"]));
  const shareAt = (now: number) => {
    clock.now = now;
    group.sweep();
    let count = 0;
    for (let pick = 0; pick < 8000; pick++) count += pool.pick().instance.id === "web-0002" ? 1 : 0;
    return count / 2000;
  };
  expect(shareAt(30_000)).toBeLessThan(0.2);
  expect(shareAt(45_000)).toBeLessThan(0.7);
  expect(shareAt(45_000)).toBeGreaterThan(0.3);
  expect(shareAt(61_000)).toBeCloseTo(1, 1);
});

test("what is there at the first reading is warm, and what comes later or recovers warms up", () => {
  const clock = { now: 0 };
  const group = groupAt(clock);
  const reading = (health: Health) => [instance(0), instance(1, { health })];
  group.update(reading("critical"));
  expect(group.endpoints.map(({ warmth }) => warmth)).toEqual([1, 1]);
  group.update([...reading("passing"), instance(2)]);
  expect(group.endpoints.map(({ warmth }) => warmth)).toEqual([1, 0.1, 0.1]);
});

test("measurements stay with an instance that changes its tags, and go with one that moves", () => {
  const group = groupAt({ now: 0 });
  group.update([instance(0)]);
  const [measured] = group.endpoints;
  group.update([instance(0, { tags: ["new"] })]);
  expect(group.endpoints[0]).toBe(measured);
  expect(group.endpoints[0]?.instance.tags).toEqual(["new"]);
  group.update([instance(0, { port: 1 })]);
  expect(group.endpoints[0]).not.toBe(measured);
});

type Step =
  | { readonly kind: "call"; readonly at: number; readonly ok: boolean }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "read"; readonly health: readonly Health[] };

const anyHealth = fc.constantFrom<Health>("passing", "passing", "warning", "critical");
const anyHistory = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: fc.record({ kind: fc.constant("call" as const), at: fc.nat(24), ok: fc.boolean() }) },
    { weight: 20, arbitrary: fc.record({ kind: fc.constant("call" as const), at: fc.nat(3), ok: fc.constant(false) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(60_000) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("read" as const),
        health: fc.array(anyHealth, { minLength: 1, maxLength: 25 }),
      }),
    },
  ),
  { maxLength: 200 },
);

test("whatever happens, no more than a tenth or one is ejected, half of the healthy stay, and one is always picked", () => {
  fc.assert(
    fc.property(anyHistory, (steps: readonly Step[]) => {
      const clock = { now: 0 };
      const group = groupAt(clock);
      group.update(instances(12));
      const pool = poolOf(group);
      return steps.every((step) => {
        const before = group.endpoints.filter(isEjected).length;
        if (step.kind === "call") {
          const endpoint = group.endpoints[step.at % group.endpoints.length];
          if (endpoint !== undefined) group.observe(endpoint, step.ok, 1);
        } else if (step.kind === "wait") {
          clock.now += step.ms;
          group.sweep();
        } else group.update(step.health.map((health, number) => instance(number, { health })));
        const all = group.endpoints;
        const ejected = all.filter(isEjected);
        const healthy = all.filter((each) => each.instance.health !== "critical");
        // A reading may take away healthy ones; only a call may eject.
        const mayGrow = step.kind === "call";
        const withinCap = ejected.length <= Math.max(1, Math.floor(all.length * 0.1));
        const left = healthy.filter((each) => !isEjected(each)).length;
        if (mayGrow && ejected.length > before && !(withinCap && left >= healthy.length * 0.5)) return false;
        if (!mayGrow && ejected.length > before) return false;
        const candidates = candidatesOf(all, 0.5, "error");
        if (candidates.length < healthy.length * 0.5) return false;
        return healthy.length === 0 || healthy.includes(pool.pick());
      });
    }),
    { numRuns: 1000 },
  );
});

test("where all are critical, those whose agent alone was lost are called; else an error says so", () => {
  const group = groupAt({ now: 0 });
  group.update([instance(0, { health: "critical" }), instance(1, { health: "critical", agentLost: true })]);
  expect(picked(poolOf(group))).toEqual(new Set(["01"]));
  group.update([instance(0, { health: "critical" })]);
  expect(() => poolOf(group).pick()).toThrow("None of the 1 instances of web is healthy. Look at its checks in Consul");
  expect(candidatesOf(group.endpoints, 0.5, "all")).toHaveLength(1);
  group.update([]);
  expect(() => poolOf(group).pick()).toThrow("Consul knows no instance of web");
});

test("a weight of 0 drains an instance, unless all have it", () => {
  const of = (...weights: number[]) => weights.map((weight, number) => new Endpoint(instance(number, { weight })));
  expect(candidatesOf(of(0, 1, 0), 0.5, "error").map(({ weight }) => weight)).toEqual([1]);
  expect(candidatesOf(of(0, 0), 0.5, "error")).toHaveLength(2);
});
