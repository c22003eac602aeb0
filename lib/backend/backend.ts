import type { TerraformStack } from "cdktf";
import type { Settings } from "../settings";

/** Gives a stack the place where Terraform keeps its state, and where other stacks read what it gives them. */
export type Backend = (stack: TerraformStack, id: string, settings: Settings) => void;
