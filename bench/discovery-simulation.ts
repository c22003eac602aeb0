import { Endpoint } from "../discovery/src/endpoint.js";
import { seeded } from "../discovery/src/random-source.js";
import { STRATEGIES, type StrategyName } from "../discovery/src/strategy-by-name.js";

/** What a strategy makes of a load. */
export interface Simulated {
  /** Calls of the instance with the most, in relation to the mean. */
  readonly maxToMean: number;
  /** Milliseconds that calls took, waiting included. */
  readonly p50: number;
  readonly p99: number;
}

/** The instances of a simulation. */
export interface Scenario {
  readonly instances: number;
  /** Milliseconds that the call takes on the instance of that number, on average. */
  readonly meanMs: (instance: number) => number;
  /** Share of all instances' time that is in use. */
  readonly utilization: number;
}

interface Queue {
  readonly endpoint: Endpoint;
  /** When it has done all that waits. */
  freeAt: number;
  readonly ends: { readonly at: number; readonly tookMs: number }[];
}

const CALLS = 200_000;

/** Calls of one process, that come at random (Poisson), to instances that serve one at a time, in exponential time. */
export function simulate(name: StrategyName, { instances, meanMs, utilization }: Scenario): Simulated {
  const random = seeded(11);
  const clock = { now: 0 };
  const endpoints = Array.from({ length: instances }, (_, number) => new Endpoint(instanceOf(number)));
  const strategy = STRATEGIES[name]({ random, clock, region: "north" });
  strategy.update(endpoints, endpoints);
  const queues = endpoints.map((endpoint): Queue => ({ endpoint, freeAt: 0, ends: [] }));
  const capacity = queues.reduce((sum, _, number) => sum + 1 / meanMs(number), 0);
  const exponential = (mean: number) => -Math.log(1 - random.fraction()) * mean;
  const counts = endpoints.map(() => 0);
  const took: number[] = [];
  for (let call = 0; call < CALLS; call++) {
    clock.now += exponential(1 / (capacity * utilization));
    for (const { endpoint, ends } of queues)
      while ((ends[0]?.at ?? Number.POSITIVE_INFINITY) <= clock.now) {
        endpoint.inFlight--;
        endpoint.observe(true, ends.shift()?.tookMs, clock.now);
      }
    const chosen = strategy.pick(`user-${random.below(1_000_000)}`);
    const number = queues.findIndex(({ endpoint }) => endpoint === chosen);
    const queue = queues[number];
    if (queue === undefined) throw new Error(`${name} picked nothing`);
    queue.endpoint.inFlight++;
    queue.freeAt = Math.max(queue.freeAt, clock.now) + exponential(meanMs(number));
    const tookMs = queue.freeAt - clock.now;
    queue.ends.push({ at: queue.freeAt, tookMs });
    counts[number] = (counts[number] ?? 0) + 1;
    took.push(tookMs);
  }
  took.sort((one, other) => one - other);
  const at = (share: number) => took[Math.floor(took.length * share)] ?? 0;
  return { maxToMean: (Math.max(...counts) * instances) / CALLS, p50: at(0.5), p99: at(0.99) };
}

function instanceOf(number: number) {
  return {
    key: `node/web-${number}`,
    id: `web-${number}`,
    service: "web",
    node: "node",
    address: "10.0.0.1",
    port: 8000 + number,
    tags: [],
    meta: { region: "north" },
    health: "passing",
    agentLost: false,
    weight: 1,
  } as const;
}
