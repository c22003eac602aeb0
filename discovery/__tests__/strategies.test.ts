import fc from "fast-check";
import { Endpoint, type Load } from "../src/endpoint.js";
import { seeded } from "../src/random-source.js";
import type { Strategy, StrategyTools } from "../src/strategy.js";
import { STRATEGIES, type StrategyName } from "../src/strategy-by-name.js";
import { chiSquare, chiSquareLimit, endpoints } from "./support/helpers.js";

const PICKS = 20_000;
const tools = (seed: number): StrategyTools => ({ random: seeded(seed), clock: { now: 0 }, region: "north" });

function make(name: StrategyName, seed: number, list: readonly Load[], all = list): Strategy {
  const strategy = STRATEGIES[name](tools(seed));
  strategy.update(list, all);
  return strategy;
}

/** How often each was picked. A key for each pick, for the strategy that needs one. */
function counts(strategy: Strategy, list: readonly Load[], picks = PICKS): number[] {
  const at = new Map(list.map((each, index) => [each, index]));
  const found = list.map(() => 0);
  for (let pick = 0; pick < picks; pick++) {
    const chosen = strategy.pick(`user-${pick}`);
    const index = chosen === undefined ? undefined : at.get(chosen);
    if (index === undefined) throw new Error("picked what was not to be chosen from");
    found[index] = (found[index] ?? 0) + 1;
  }
  return found;
}

const anySeed = fc.integer();
const anyCount = fc.integer({ min: 2, max: 60 });
const names = Object.keys(STRATEGIES).filter((name): name is StrategyName => name in STRATEGIES);

test.each(names)("%s gives nothing where there is nothing, and the only one where there is one", (name) => {
  expect(make(name, 1, []).pick("user")).toBeUndefined();
  const [only] = endpoints(1);
  expect(make(name, 1, only === undefined ? [] : [only]).pick("user")).toBe(only);
});

test.each(names)("%s picks the same for the same seed and history", (name) => {
  const list = endpoints(7);
  expect(counts(make(name, 42, list), list, 500)).toEqual(counts(make(name, 42, list), list, 500));
});

test.each(["random", "least-connections", "health-based", "weighted", "p2c", "consistent-hash"] as const)(
  "%s is even among equals: chi-square within what a fair one exceeds once in a million",
  (name) => {
    fc.assert(
      fc.property(anySeed, anyCount, (seed, count) => {
        const list = endpoints(count);
        const found = counts(make(name, seed, list), list);
        return chiSquare(found, Array(count).fill(PICKS / count)) < chiSquareLimit(count - 1);
      }),
      { numRuns: 40 },
    );
  },
);

test("round-robin never differs by more than one, whatever the number and the start", () => {
  fc.assert(
    fc.property(anySeed, anyCount, fc.integer({ min: 1, max: 500 }), (seed, count, picks) => {
      const list = endpoints(count);
      const more = counts(make("round-robin", seed, list), list, picks);
      return Math.max(...more) - Math.min(...more) <= 1;
    }),
  );
});

test.each(["weighted", "health-based", "consistent-hash"] as const)("%s follows Consul's weights", (name) => {
  fc.assert(
    fc.property(
      anySeed,
      fc.array(fc.integer({ min: 2, max: 12 }), { minLength: 2, maxLength: 20 }),
      (seed, weights) => {
        const list = endpoints(weights.length, (number) => ({ weight: weights[number] ?? 1 }));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const found = counts(make(name, seed, list), list);
        const expected = weights.map((weight) => (PICKS * weight) / total);
        return chiSquare(found, expected) < chiSquareLimit(weights.length - 1);
      },
    ),
    { numRuns: 40 },
  );
});

test("least-connections never picks one with more leases than another, for its weight", () => {
  fc.assert(
    fc.property(anySeed, fc.array(fc.nat(20), { minLength: 1, maxLength: 40 }), (seed, inFlight) => {
      const list = endpoints(inFlight.length);
      for (const [index, each] of list.entries()) each.inFlight = inFlight[index] ?? 0;
      return make("least-connections", seed, list).pick("")?.inFlight === Math.min(...inFlight);
    }),
  );
});

test("p2c leaves a queue of ln ln n, where random leaves one of ln n: 100,000 calls that never end on 1,000 instances", () => {
  const longest = (name: StrategyName) => {
    const list = endpoints(1000);
    const strategy = make(name, 3, list);
    for (let call = 0; call < 100_000; call++) {
      const chosen = strategy.pick("");
      if (chosen instanceof Endpoint) chosen.inFlight++;
    }
    return Math.max(...list.map(({ inFlight }) => inFlight));
  };
  // Azar, Broder, Karlin, Upfal (1994): 100 + ln ln 1000 / ln 2 + O(1) = 103 and a little.
  expect(longest("p2c")).toBeLessThanOrEqual(105);
  expect(longest("random")).toBeGreaterThan(120);
});

test("p2c sends a tenth as much to one that is ten times as slow, or less, and goes on trying it", () => {
  const list = endpoints(10);
  for (const [index, each] of list.entries()) each.observe(true, index === 0 ? 100 : 10, 0);
  const [slow = 0, ...fast] = counts(make("p2c", 5, list), list);
  expect(slow).toBeLessThan(Math.min(...fast) / 10);
  // The others go on being measured; what was slow is forgotten meanwhile.
  for (const each of list.slice(1)) each.observe(true, 10, 30_000);
  const later = STRATEGIES.p2c({ ...tools(5), clock: { now: 30_000 } });
  later.update(list);
  expect(counts(later, list)[0]).toBeGreaterThan(0);
});

test("p2c does not run to one that fails fast", () => {
  const list = endpoints(10);
  for (const [index, each] of list.entries())
    for (let call = 0; call < 20; call++) each.observe(index !== 0, index === 0 ? 1 : 10, 0);
  const [failing = 0] = counts(make("p2c", 5, list), list);
  expect(failing).toBe(0);
});

test("health-based goes by state, errors and latency, and never gives anything up", () => {
  const list = endpoints(4, (number) => (number === 1 ? { health: "warning" } : {}));
  for (const [index, each] of list.entries())
    for (let call = 0; call < 50; call++) each.observe(index !== 2, index === 3 ? 40 : 10, 0);
  const [well = 0, warning = 0, failing = 0, slow = 0] = counts(make("health-based", 8, list), list);
  expect(warning / well).toBeCloseTo(0.5, 1);
  expect(failing / well).toBeCloseTo(0.05, 1);
  expect(slow / well).toBeCloseTo(0.25, 1);
  expect(failing).toBeGreaterThan(0);
});

test("region-based stays in its region while half of it is healthy, and goes everywhere below", () => {
  const region = (number: number) => ({ meta: { region: number < 4 ? "north" : "south" } });
  const all = endpoints(8, region);
  const from = (healthyNear: number) => {
    const candidates = all.filter((_, index) => index < healthyNear || index >= 4);
    return counts(make("region-based", 4, candidates, all), candidates);
  };
  expect(from(4).slice(4)).toEqual([0, 0, 0, 0]);
  expect(from(2).slice(2)).toEqual([0, 0, 0, 0]);
  expect(Math.min(...from(1))).toBeGreaterThan(0);
  expect(Math.min(...from(0))).toBeGreaterThan(0);
});

test("consistent-hash moves the keys of a removed instance alone, at most 1.3 / N of all, and to many others", () => {
  const KEYS = 10_000;
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 40 }), fc.nat(39), (count, which) => {
      const list = endpoints(count);
      const gone = list[which % count];
      const before = make("consistent-hash", 0, list);
      const rest = list.filter((each) => each !== gone);
      const after = make("consistent-hash", 0, rest);
      let moved = 0;
      const heirs = new Set<Load | undefined>();
      for (let key = 0; key < KEYS; key++) {
        const [was, is] = [before.pick(`${key}`), after.pick(`${key}`)];
        if (was !== gone && was !== is) return false;
        if (was === gone) heirs.add(is);
        moved += was === is ? 0 : 1;
      }
      return moved <= (1.3 * KEYS) / count && heirs.size >= rest.length / 2;
    }),
    { numRuns: 40 },
  );
});

test("fails: consistent-hash without a key says what to say", () => {
  expect(() => make("consistent-hash", 0, endpoints(2)).pick("")).toThrow('Say pick(service, { key: "…" }).');
});

test("fails: region-based without an own region says where to set it", () => {
  expect(() => STRATEGIES["region-based"]({ ...tools(1), region: undefined })).toThrow("Set SERVICE_REGION");
});
