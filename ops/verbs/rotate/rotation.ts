import type { Catalog } from "../../../lib/catalog/types.js";
import type { Settings } from "../../../lib/settings.js";
import { UserError } from "../../../lib/user-error.js";
import { unless } from "../../../lib/wait-until.js";
import { stopIfInterrupted } from "../../cli/interrupt.js";
import type { ConsulApi } from "../../consul/api/consul-api.js";
import { connectAsAdmin } from "../../consul/connect.js";
import { applyPlatform } from "../../platform/apply-platform.js";
import { outputOf } from "../../platform/live.js";
import type { SynthesizedStack } from "../../platform/synthesize.js";
import { waitUntil } from "../../platform/wait-until.js";
import type { ApplyOptions, Terraform } from "../../terraform/terraform.js";

/** What every exchange of a secret works with. */
export class Rotation {
  constructor(
    readonly settings: Settings,
    readonly catalog: Catalog,
    readonly terraform: Terraform,
    private readonly stacks: readonly SynthesizedStack[],
  ) {}

  /** Consul, with the management token that the state has now. */
  admin(): Promise<ConsulApi> {
    return connectAsAdmin(this.settings, this.terraform);
  }

  /** An output of the foundation. */
  output(name: string): Promise<string> {
    return outputOf(this.settings, this.terraform, "foundation", name);
  }

  /** A stack's state, secrets included: for memory alone. */
  state(stack: string): Promise<string> {
    return this.terraform.state(this.folderOf(stack));
  }

  /** Applies the foundation alone. */
  async applyFoundation(options: ApplyOptions = {}): Promise<void> {
    stopIfInterrupted();
    await this.terraform.apply("foundation", this.folderOf("foundation"), () => {}, options);
  }

  /**
   * Applies what differs, as `up` does.
   * @param only the stacks to apply. @default all
   */
  async applyAll(only?: readonly string[]): Promise<void> {
    stopIfInterrupted();
    const stacks = this.stacks.filter(({ name }) => only === undefined || only.includes(name));
    await applyPlatform(this.settings, this.terraform, stacks);
  }

  /** Applies all but the foundation. */
  applyOthers(): Promise<void> {
    return this.applyAll(this.stacks.map(({ name }) => name).filter((name) => name !== "foundation"));
  }

  folderOf(stack: string): string {
    const found = this.stacks.find(({ name }) => name === stack);
    if (found === undefined) throw new Error(`there is no stack ${stack}`);
    return found.folder;
  }
}

/**
 * Waits until what was exchanged is in use.
 * @throws UserError after the deadline; what was done until then stays, and the next run continues
 */
export function untilInUse(what: string, seconds: number, isInUse: () => Promise<boolean>): Promise<void> {
  return waitUntil({
    seconds,
    look: async () => unless((await isInUse()) ? "" : what),
    late: () => {
      throw new UserError(
        `${what}: not within ${seconds} s. Nothing old was taken away`,
        "`npx rollcall verify` and `docker logs NAME` show more. Fix the cause and run it again: it continues from here.",
      );
    },
  });
}
