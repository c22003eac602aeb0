import { setImmediate } from "node:timers/promises";
import { CoarseClock } from "../discovery/src/clock.js";
import { EndpointGroup } from "../discovery/src/endpoint-group.js";
import type { Instance } from "../discovery/src/instance.js";
import { takeLease } from "../discovery/src/lease.js";
import { Outliers } from "../discovery/src/outliers.js";
import { Pool } from "../discovery/src/pool.js";
import { seeded } from "../discovery/src/random-source.js";
import { SlowStart } from "../discovery/src/slow-start.js";
import { STRATEGIES } from "../discovery/src/strategy-by-name.js";

/*
 * One measurement in a process of its own, so that no other strategy has shaped the compiled code:
 *
 *   node --expose-gc --max-semi-space-size=128 --import ./ops/tsx.mjs bench/discovery-pick.ts STRATEGY INSTANCES [lease]
 *
 * prints nanoseconds and bytes for one pick, or for one lease that is taken and released.
 */

const ROUNDS = 15;
const LEAST_MS = 60;
const clock = new CoarseClock();
const now = () => clock.look();

const [name = "p2c", count = "40", mode = "pick"] = process.argv.slice(2);
const group = new EndpointGroup({ outliers: new Outliers(), slowStart: new SlowStart(), now });
group.update(Array.from({ length: Number(count) }, (_, number) => instance(number)));
for (const [index, endpoint] of group.endpoints.entries()) {
  group.observe(endpoint, true, 5 + (index % 7));
  endpoint.inFlight = index % 3;
}
const make = Object.entries(STRATEGIES).find(([each]) => each === name)?.[1];
if (make === undefined) throw new Error(`there is no strategy ${name}`);
const random = seeded(1);
const strategy = make({ random, clock, region: "north" });
const pool = new Pool({ service: "web", group, strategy, random });
const keys = Array.from({ length: 1024 }, (_, number) => `user-${number}`);
const run = mode === "lease" ? leases : picks;

/** Rounds of a few picks until V8 has compiled what there is to compile, piece by piece, as where calls come one by one. */
const WARM_UP_ROUNDS = 20_000;

/** What was picked comes to something, or the compiler would leave it out; small, or the sum itself would allocate. */
let picked = 0;

async function measure(): Promise<void> {
  for (let round = 0; round < WARM_UP_ROUNDS; round++) {
    run(3);
    await setImmediate();
  }
  let batch = 1000;
  while (timeOf(batch) < LEAST_MS) batch *= 2;
  const times = Array.from({ length: ROUNDS }, () => (timeOf(batch) * 1e6) / batch).sort((one, other) => one - other);
  console.log(JSON.stringify({ ns: times[Math.floor(ROUNDS / 2)], bytes: bytesOf(Math.min(batch, 200_000)), picked }));
}

void measure();

function timeOf(times: number): number {
  const begun = performance.now();
  run(times);
  return performance.now() - begun;
}

/**
 * What the heap grows by, without a collection in between: the young generation is larger than all of it. The median of
 * several, because V8 compiles anew now and then, into the same heap.
 */
function bytesOf(times: number): number {
  const grown = Array.from({ length: ROUNDS }, () => {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    run(times);
    return (process.memoryUsage().heapUsed - before) / times;
  });
  return grown.sort((one, other) => one - other)[Math.floor(ROUNDS / 2)] ?? 0;
}

function picks(times: number): void {
  for (let pick = 0; pick < times; pick++) {
    // As busy as it is, something is released now and then, which moves the clock on.
    if ((pick & 255) === 0) clock.look();
    picked = (picked + pool.pick(keys[pick & 1023]).instance.port) | 0;
  }
}

function leases(times: number): void {
  const onOutcome = () => {};
  for (let pick = 0; pick < times; pick++) {
    const lease = takeLease({ group, endpoint: pool.pick(keys[pick & 1023]), now, onOutcome });
    lease.release({ ok: true, latencyMs: 5 });
    picked = (picked + lease.instance.port) | 0;
  }
}

function instance(number: number): Instance {
  const id = `web-${number}`;
  return {
    key: `node/${id}`,
    id,
    service: "web",
    node: "node",
    address: `10.0.0.${number}`,
    port: 8000 + number,
    tags: ["v1"],
    meta: { region: number % 2 === 0 ? "north" : "south" },
    health: "passing",
    agentLost: false,
    weight: 1 + (number % 3),
  };
}
