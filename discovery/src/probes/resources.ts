import { statfs } from "node:fs/promises";
import { totalmem } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import type { Probe } from "../heartbeat.js";
import { mustFit, number, shapeOf } from "../shape.js";

/** From where on a process is a warning. */
export interface ResourceLimits {
  /** Percent of the heap that V8 may use. @default 90 */
  readonly heap?: number;
  /** Percent of the memory that the process may use: of its container, else of the machine. @default 90 */
  readonly memory?: number;
  /** Percent of the disk of the working folder. @default 90 */
  readonly disk?: number;
  /** Milliseconds by which one of a hundred turns of the event loop comes late, since the last look. @default 200 */
  readonly lagMs?: number;
}

const LIMITS = shapeOf<ResourceLimits>({ heap: number(), memory: number(), disk: number(), lagMs: number() });

/** The resources of this process. A warning at most: what is short of something still runs. @throws InvalidOption */
export function resourcesProbe(limits: ResourceLimits = {}): Probe {
  mustFit("resourcesProbe", limits, LIMITS);
  const { heap = 90, memory = 90, disk = 90, lagMs = 200 } = limits;
  const RESOLUTION_MS = 20;
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  return async () => {
    const { used_heap_size: usedHeap, heap_size_limit: mostHeap } = getHeapStatistics();
    const { bavail, blocks } = await statfs(process.cwd());
    const lag = Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS);
    delay.reset();
    const used = {
      heap: (100 * usedHeap) / mostHeap,
      memory: (100 * process.memoryUsage.rss()) / availableMemory(),
      disk: 100 * (1 - bavail / Math.max(1, blocks)),
    };
    const parts = Object.entries(used).map(([what, percent]) => `${what} ${percent.toFixed(0)} %`);
    const isShort = used.heap >= heap || used.memory >= memory || used.disk >= disk || lag >= lagMs;
    return {
      status: isShort ? "warning" : "passing",
      says: [...parts, `event loop ${lag.toFixed(0)} ms late`].join(", "),
    };
  };
}

/** A container's limit; without one the kernel says more than the machine has, or nothing. */
function availableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}
