import type { Catalog } from "../../lib/catalog/types.js";
import type { Settings } from "../../lib/settings.js";
import type { Outcome } from "../report/diff/outcome.js";
import type { Terraform } from "../terraform/terraform.js";
import type { SynthesizedStack } from "./synthesize.js";
import type { UpRecord } from "./up-record.js";

/** What `up` is about to apply. */
export interface Undertaking {
  readonly settings: Settings;
  readonly terraform: Terraform;
  readonly stacks: readonly SynthesizedStack[];
  /** Of each stack that was applied; secrets included, so for memory alone. */
  readonly states: ReadonlyMap<string, string>;
  readonly catalog: Catalog;
  /** What the last `up` left. */
  readonly record: UpRecord | undefined;
}

/** What was planned of a stack, by its name. */
export type Plans = ReadonlyMap<string, Outcome>;
