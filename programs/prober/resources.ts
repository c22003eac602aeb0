import { setTimeout as sleep } from "node:timers/promises";
import { cpuTimes, hostResources } from "../../lib/host-resources.js";
import { type Outcome, passing, reason, warning } from "./outcome.js";

/** Percent in use from which it warns. */
export interface Limits {
  readonly cpu: number;
  readonly memory: number;
  readonly disk: number;
}

/** The machine below the containers. A warning at most: what runs on a busy machine still runs. */
export async function resources(limits: Limits): Promise<Outcome> {
  try {
    const before = cpuTimes();
    await sleep(500);
    const { cpu, memory, disk } = await hostResources(before);
    const used = { cpu: 100 * cpu, memory: 100 * memory, disk: 100 * disk };
    const says = Object.entries(used).map(([what, percent]) => `${what} ${percent.toFixed(0)} %`);
    const over = used.cpu >= limits.cpu || used.memory >= limits.memory || used.disk >= limits.disk;
    return over ? warning(says.join(", ")) : passing(says.join(", "));
  } catch (error) {
    return warning(`cannot be read: ${reason(error)}`);
  }
}
