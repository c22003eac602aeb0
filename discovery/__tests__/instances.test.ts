import fc from "fast-check";
import { diff, type ServiceEvent } from "../src/diff.js";
import { Endpoint } from "../src/endpoint.js";
import { filterKey, matches } from "../src/filter.js";
import { type Health, hostPort, type Instance, sorted } from "../src/instance.js";
import { satisfies } from "../src/version.js";
import { instance } from "./support/helpers.js";

const anyReading = fc
  .uniqueArray(
    fc.record({
      number: fc.nat(6),
      port: fc.constantFrom(80, 81),
      health: fc.constantFrom<Health>("passing", "warning", "critical"),
      agentLost: fc.boolean(),
      tags: fc.constantFrom<readonly string[]>([], ["v1"], ["v1", "v2"]),
      meta: fc.constantFrom<Instance["meta"]>({}, { version: "1" }, { version: "2" }, { region: "1" }),
      weight: fc.constantFrom(1, 2),
    }),
    { selector: ({ number }) => number },
  )
  .map((all) => all.map(({ number, ...rest }) => instance(number, rest)));

/** What one who follows the events believes. */
function follow(known: Map<string, Instance>, events: readonly ServiceEvent[]): void {
  for (const { kind, instance: is, before } of events) {
    const was = known.get(is.key);
    if (kind === "added" && was !== undefined) throw new Error("added twice");
    if (kind !== "added" && was === undefined) throw new Error(`${kind} without being there`);
    if (kind !== "added" && before === undefined) throw new Error(`${kind} from nothing`);
    if (kind === "removed") known.delete(is.key);
    else known.set(is.key, is);
  }
}

test("who follows the events of any history knows what a full read says, after each step", () => {
  fc.assert(
    fc.property(fc.array(anyReading, { minLength: 1, maxLength: 12 }), (readings) => {
      const known = new Map<string, Instance>();
      let before: readonly Instance[] = [];
      for (const reading of readings) {
        follow(known, diff(before, reading));
        // A weight that follows the state alone comes with the state.
        expect(sorted([...known.values()])).toEqual(sorted(reading));
        before = reading;
      }
    }),
    { numRuns: 2000 },
  );
});

test("no event without a change, in whatever order Consul gives the instances", () => {
  fc.assert(
    fc.property(anyReading, fc.infiniteStream(fc.nat()), (reading, numbers) => {
      const shuffled = reading
        .map((each) => ({ each, at: numbers.next().value }))
        .sort((one, other) => one.at - other.at)
        .map(({ each }) => structuredClone(each));
      return diff(reading, shuffled).length === 0;
    }),
  );
});

test("an event says what changed: the definition, the state, or one after the other", () => {
  const kinds = (after: Partial<Instance>) => diff([instance(1)], [instance(1, after)]).map(({ kind }) => kind);
  expect(kinds({})).toEqual([]);
  expect(kinds({ port: 1 })).toEqual(["changed"]);
  expect(kinds({ tags: ["a"] })).toEqual(["changed"]);
  expect(kinds({ meta: { a: "b" } })).toEqual(["changed"]);
  expect(kinds({ health: "warning" })).toEqual(["health"]);
  expect(kinds({ health: "warning", weight: 5 })).toEqual(["health"]);
  expect(kinds({ health: "critical", port: 1 })).toEqual(["changed", "health"]);
});

test("a filter wants every tag, every pair of meta and the version", () => {
  const one = instance(1, { tags: ["v1", "fast"], meta: { region: "north", version: "1.4.2" } });
  expect(matches(one, {})).toBe(true);
  expect(matches(one, { tags: ["fast", "v1"], meta: { region: "north" }, version: "1.4" })).toBe(true);
  expect(matches(one, { tags: ["fast", "v2"] })).toBe(false);
  expect(matches(one, { meta: { region: "south" } })).toBe(false);
  expect(filterKey({ tags: ["b", "a"], meta: { y: "1", x: "2" } })).toBe(
    filterKey({ meta: { x: "2", y: "1" }, tags: ["a", "b"] }),
  );
});

test.each([
  ["1.4.2", "1.4.2", true],
  ["v1.4.2", "1.4.2", true],
  ["1.4.2", "1.4", true],
  ["1.40.2", "1.4", false],
  ["1.4.2", "^1.2", true],
  ["1.4.2", "^1.4.3", false],
  ["2.0.0", "^1.4.2", false],
  ["0.3.1", "^0.3.0", true],
  ["0.4.0", "^0.3.0", false],
  [undefined, "1", false],
])("version %s is meant by %s: %s", (version, wish, is) => {
  expect(satisfies(version, wish)).toBe(is);
});

test("the host of a URL has brackets around an IPv6 address", () => {
  expect(hostPort({ address: "::1", port: 80 })).toBe("[::1]:80");
  expect(hostPort({ address: "isa-billing", port: 8216 })).toBe("isa-billing:8216");
});

test("a latency jumps to a peak at once and forgets it with time", () => {
  const endpoint = new Endpoint(instance(1));
  expect(endpoint.latencyMs(0)).toBe(0);
  endpoint.observe(true, 10, 0);
  endpoint.observe(true, 500, 1);
  expect(endpoint.latencyMs(1)).toBe(500);
  endpoint.observe(true, 10, 10_001);
  expect(endpoint.latencyMs(10_001)).toBeCloseTo(10 + 490 / Math.E, 0);
  expect(endpoint.latencyMs(1_000_000)).toBeCloseTo(0, 3);
});

test("an error rate comes near 1 where all fails, and near 0 where all is well or long ago", () => {
  const endpoint = new Endpoint(instance(1));
  for (let call = 0; call < 50; call++) endpoint.observe(false, undefined, 0);
  expect(endpoint.errorRate(0)).toBeCloseTo(1, 1);
  expect(endpoint.errorRate(100_000)).toBeCloseTo(0, 2);
  for (let call = 0; call < 50; call++) endpoint.observe(true, 1, 0);
  expect(endpoint.errorRate(0)).toBeCloseTo(0, 1);
});
