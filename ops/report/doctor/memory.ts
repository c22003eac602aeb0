import { docker } from "../../docker/docker-host.js";
import { isUnknown, resultOf } from "../../platform/result.js";
import type { Problem } from "../problem.js";
import { type DoctorCheck, runningParts } from "./doctor-check.js";

/** How a part stands with its memory. */
export interface MemoryUse {
  readonly name: string;
  /** Of its limit, in percent. */
  readonly percent: number;
  readonly oomKilled: boolean;
  /** By its restart policy, since its container was made. */
  readonly restarts: number;
  readonly startedAt: string;
}

/** Beyond it a burst ends in the kernel's killing it; three times what it uses with 40 services is its limit. */
const MOST_PERCENT = 90;

/** Memory limits close to being hit, and parts that were restarted. */
export const memory: DoctorCheck = {
  name: "Memory",
  needsDocker: true,
  run: async (context) => {
    const running = runningParts(context);
    if (running.length === 0) return { summary: "not looked at: nothing runs", problems: [], isLeftOut: true };
    const containers = running.map(({ state }) => state.name);
    const text = await resultOf(() =>
      docker(["stats", "--no-stream", "--format", "{{.Name}} {{.MemPerc}}", ...containers]),
    );
    const percents = new Map(isUnknown(text) ? [] : text.split("\n").map(percentIn));
    const uses = running.map(({ name, state }) => ({
      name,
      percent: percents.get(state.name) ?? 0,
      oomKilled: state.oomKilled,
      restarts: state.restarts,
      startedAt: state.startedAt,
    }));
    const [most] = [...uses].sort((a, b) => b.percent - a.percent);
    return {
      summary: `most of its limit: ${most?.name} ${Math.round(most?.percent ?? 0)} %`,
      problems: judgeMemory(uses),
    };
  },
};

function percentIn(line: string): readonly [string, number] {
  const [name = "", percent = ""] = line.split(" ");
  return [name, Number.parseFloat(percent) || 0];
}

export function judgeMemory(uses: readonly MemoryUse[]): readonly Problem[] {
  return uses.flatMap(({ name, percent, oomKilled, restarts, startedAt }) => [
    ...(percent < MOST_PERCENT
      ? []
      : [
          {
            what: `${name} uses ${Math.round(percent)} % of its memory limit`,
            remedy: `\`npx rollcall logs ${name}\` may show why; lib/docker/memory.ts has the limits, \`npx rollcall up\` applies them.`,
          },
        ]),
    ...(oomKilled
      ? [
          {
            what: `${name} was killed for lack of memory`,
            remedy: "Raise its limit in lib/docker/memory.ts, and apply it: `npx rollcall up`.",
          },
        ]
      : []),
    ...(restarts === 0
      ? []
      : [
          {
            what: `${name} ended by itself ${restarts} times and was started again, last at ${startedAt.slice(0, 19)}Z`,
            remedy: `\`npx rollcall logs ${name}\` shows why.`,
            isNote: true,
          },
        ]),
  ]);
}
