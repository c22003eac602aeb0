import type { PlannedChange } from "./dangers.js";
import type { StackPlan } from "./report.js";

/** A stack's line in the report, and its changes one by one. */
export interface Outcome {
  readonly plan: StackPlan;
  readonly changes: readonly PlannedChange[];
  /** Whether an apply would change nothing at all, outputs included. */
  readonly isUnchanged: boolean;
}
