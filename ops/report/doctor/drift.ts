import { UserError } from "../../../lib/user-error.js";
import { MOST } from "../../cli/few.js";
import { isUnknown } from "../../platform/result.js";
import type { StackPlan } from "../diff/report.js";
import { type Drifted, readDrift } from "../drift.js";
import { type Problem, UP } from "../problem.js";
import type { DoctorCheck } from "./doctor-check.js";

/** What Terraform made against what is there now. Half of it lies in Consul, so nothing is planned while that is away. */
export const drift: DoctorCheck = {
  name: "Drift",
  needsDocker: true,
  run: async ({ settings, status }) => {
    const leftOut = (why: string) => ({ summary: `not looked at: ${why}`, problems: [], isLeftOut: true });
    if (isUnknown(status.gateway)) return leftOut("the gateway does not answer");
    try {
      const { report, drifted } = await readDrift(settings, true);
      return { summary: `${report.stacks.length} stacks compared`, problems: judgeDrift(report.stacks, drifted) };
    } catch (error) {
      // Settings that are missing and declarations that were not applied yet cannot be told from drift.
      if (error instanceof UserError) return leftOut(error.message.replace(/\n */g, " "));
      throw error;
    }
  },
};

/**
 * What is gone is wrong. What is otherwise than `up` would make it may be so because settings or the clone changed since,
 * which is a note.
 */
export function judgeDrift(stacks: readonly StackPlan[], drifted: readonly Drifted[]): readonly Problem[] {
  const gone = drifted.filter(({ isGone }) => isGone);
  const changed = drifted.filter(({ isGone }) => !isGone);
  return [
    ...atMost(gone, "more things are gone", { remedy: UP }),
    ...atMost(changed, "more things were changed", {
      remedy: "`npx rollcall drift` shows it; `npx rollcall up` makes it what the clone and its settings say.",
      isNote: true,
    }),
    ...stacks
      .filter(({ state }) => state === "unknown")
      .map(({ name, note }) => ({
        what: `the stack ${name} cannot be planned: ${note}`,
        remedy: "`npx rollcall diff` shows why.",
      })),
  ];
}

function atMost(found: readonly Drifted[], others: string, rest: Omit<Problem, "what">): readonly Problem[] {
  const named = found.slice(0, MOST).map(({ what }) => what);
  const told = found.length <= MOST ? named : [...named, `${found.length - MOST} ${others}`];
  return told.map((what) => ({ what, ...rest }));
}
