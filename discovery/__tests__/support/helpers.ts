import { Endpoint } from "../../src/endpoint.js";
import { EndpointGroup } from "../../src/endpoint-group.js";
import type { Instance } from "../../src/instance.js";
import { Outliers } from "../../src/outliers.js";
import { SlowStart } from "../../src/slow-start.js";

/** A healthy instance; the number makes its name, its address and its port. */
export function instance(number: number, other: Partial<Instance> = {}): Instance {
  const id = `web-${`${number}`.padStart(4, "0")}`;
  return {
    key: `node/${id}`,
    id,
    service: "web",
    node: "node",
    address: `10.0.${number >> 8}.${number & 255}`,
    port: 8000 + number,
    tags: [],
    meta: {},
    health: "passing",
    agentLost: false,
    weight: 1,
    ...other,
  };
}

export function instances(count: number, other: (number: number) => Partial<Instance> = () => ({})): Instance[] {
  return Array.from({ length: count }, (_, number) => instance(number, other(number)));
}

export function endpoints(count: number, other?: (number: number) => Partial<Instance>): Endpoint[] {
  return instances(count, other).map((each) => new Endpoint(each));
}

/** A group on a clock that the test moves. */
export function groupAt(clock: { now: number }, onEjected?: (instance: Instance) => void): EndpointGroup {
  return new EndpointGroup({
    outliers: new Outliers(),
    slowStart: new SlowStart(),
    now: () => clock.now,
    ...(onEjected === undefined ? {} : { onEjected }),
  });
}

/** The statistic of Pearson's chi-square test of counts against expected ones. */
export function chiSquare(counts: readonly number[], expected: readonly number[]): number {
  return counts.reduce((sum, count, index) => {
    const wanted = expected[index] ?? 0;
    return sum + (count - wanted) ** 2 / wanted;
  }, 0);
}

/** What chi-square exceeds in one of a million fair runs: Wilson and Hilferty's approximation, z = 4.75. */
export function chiSquareLimit(degrees: number): number {
  const part = 2 / (9 * degrees);
  return degrees * (1 - part + 4.75 * Math.sqrt(part)) ** 3;
}

/** Waits for a condition. @throws with its name after the deadline */
export async function until(what: string, holds: () => boolean | Promise<boolean>, deadlineMs = 10_000): Promise<void> {
  const begun = Date.now();
  while (!(await holds())) {
    if (Date.now() - begun > deadlineMs) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
