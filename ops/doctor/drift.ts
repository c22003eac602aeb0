import { UserError } from "../../lib/user-error";
import type { StackPlan } from "../diff/report";
import { type Drifted, readDrift } from "../drift";
import { MOST } from "../few";
import { isUnknown } from "../known";
import { type Trouble, UP } from "../trouble";
import type { Examination } from "./examination";

/** What Terraform made against what is there now. Half of it lies in Consul, so nothing is planned while that is away. */
export const drift: Examination = {
  name: "Drift",
  needsDocker: true,
  examine: async ({ settings, status }) => {
    const leftOut = (why: string) => ({ summary: `not looked at: ${why}`, troubles: [], isLeftOut: true });
    if (isUnknown(status.gateway)) return leftOut("the gateway does not answer");
    try {
      const { report, drifted } = await readDrift(settings);
      return { summary: `${report.stacks.length} stacks planned`, troubles: judgeDrift(report.stacks, drifted) };
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
export function judgeDrift(stacks: readonly StackPlan[], drifted: readonly Drifted[]): readonly Trouble[] {
  const gone = drifted.filter(({ isGone }) => isGone);
  const changed = drifted.filter(({ isGone }) => !isGone);
  return [
    ...atMost(gone, "more things are gone", { remedy: UP }),
    ...atMost(changed, "more things were changed", {
      remedy: "`npm run drift` shows it; `npm run up` makes it what the clone and its settings say.",
      isNote: true,
    }),
    ...stacks
      .filter(({ state }) => state === "unknown")
      .map(({ name, note }) => ({
        what: `the stack ${name} cannot be planned: ${note}`,
        remedy: "`npm run diff` tells why.",
      })),
  ];
}

function atMost(found: readonly Drifted[], others: string, rest: Omit<Trouble, "what">): readonly Trouble[] {
  const named = found.slice(0, MOST).map(({ what }) => what);
  const told = found.length <= MOST ? named : [...named, `${found.length - MOST} ${others}`];
  return told.map((what) => ({ what, ...rest }));
}
