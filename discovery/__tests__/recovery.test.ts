import type { HealthQuery, Reading } from "../src/health-query.js";
import { ServiceEntry } from "../src/service-entry.js";
import { WatchSlots } from "../src/watch-slots.js";
import { groupAt, until } from "./support/helpers.js";

const HOUR_MS = 3_600_000;
const READING: Reading = { instances: [], index: 1, lagMs: 0, size: 0 };
let slots: WatchSlots;
afterEach(() => slots.close());

/** Watches services that each fail as often as is said; gives how often each was asked. */
function watch(failures: Readonly<Record<string, number>>, pausesMs: readonly number[]): Map<string, number> {
  const asked = new Map<string, number>();
  const ask = async (service: string) => {
    const count = (asked.get(service) ?? 0) + 1;
    asked.set(service, count);
    if (count <= (failures[service] ?? 0)) throw new Error("Consul is away");
    return READING;
  };
  // Without a change a watch waits for as long as Consul lets it.
  const query = { waitMs: HOUR_MS, read: ask, wait: () => new Promise(() => {}) } as unknown as HealthQuery;
  const pauses = [...pausesMs];
  // A backoff is half of its longest and, at random, up to as much again: of 2 ms each pause is 1 ms and this.
  const random = { fraction: () => pauses.shift() ?? 0, below: () => 0 };
  const told = { onReading: () => true, onError: () => {} };
  slots = new WatchSlots({
    most: 9,
    keepMs: 0,
    backoffMs: [2, 2],
    query,
    random,
    now: () => performance.now(),
    ...told,
  });
  for (const service of Object.keys(failures)) slots.offer(new ServiceEntry(service, groupAt({ now: 0 })));
  return asked;
}

test("after an outage the first watch that is answered has the others try again, which would have waited for an hour", async () => {
  const asked = watch({ first: 1, second: 1, third: 1 }, [5, HOUR_MS, HOUR_MS]);
  await until("all were asked again", () => [...asked.values()].join() === "2,2,2");
});

test("a watch that fails alone is not asked more often because the others are answered", async () => {
  const asked = watch({ well: 0, ill: 1 }, [HOUR_MS]);
  await until("both were asked", () => asked.size === 2);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(Object.fromEntries(asked)).toEqual({ well: 1, ill: 1 });
});
