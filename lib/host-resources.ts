import { readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { cpus, freemem, totalmem } from "node:os";

/** The machine below a container, which sees its processors and its memory, and on whose disk Docker's data are. */
export interface HostResources {
  /** Which part is in use, from 0 to 1; of the processors, since the time that `before` stands for. */
  readonly cpu: number;
  readonly memory: number;
  readonly disk: number;
  readonly diskFreeBytes: number;
}

/** What the processors have done since the machine started. */
export interface CpuTimes {
  readonly busy: number;
  readonly all: number;
}

/** Measures the machine. @throws Error where it cannot be read */
export async function hostResources(before: CpuTimes): Promise<HostResources> {
  const now = cpuTimes();
  const disk = await statfs("/");
  return {
    cpu: (now.busy - before.busy) / Math.max(1, now.all - before.all),
    memory: 1 - available() / totalmem(),
    disk: 1 - disk.bavail / disk.blocks,
    diskFreeBytes: disk.bavail * disk.bsize,
  };
}

/** What the processors have done until now. */
export function cpuTimes(): CpuTimes {
  const times = cpus().map(({ times: { user, nice, sys, idle, irq } }) => ({ idle, busy: user + nice + sys + irq }));
  const sum = times.reduce((all, one) => ({ idle: all.idle + one.idle, busy: all.busy + one.busy }));
  return { busy: sum.busy, all: sum.busy + sum.idle };
}

/** What could be given to a program; what the kernel uses as cache counts as free. */
function available(): number {
  const line = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"));
  return line?.[1] === undefined ? freemem() : Number(line[1]) * 1024;
}
