import type { TerraformStack } from "cdktf";
import type { Settings } from "../settings";

/** What says where the state of a stack is kept. */
export type StatePlace = Pick<Settings, "backend" | "stateFolder" | "instance" | "outdir">;

/** Gives a stack the place where Terraform keeps its state, and where other stacks read what it gives them. */
export type Backend = (stack: TerraformStack, id: string, settings: StatePlace) => void;
