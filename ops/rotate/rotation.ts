import type { Catalog } from "../../lib/catalog/types";
import type { Settings } from "../../lib/settings";
import { UserError } from "../../lib/user-error";
import { adminDoor } from "../admin-door";
import { applyPlatform } from "../apply-platform";
import { stopIfInterrupted } from "../interrupt";
import { outputOf } from "../live";
import type { SynthesizedStack } from "../synthesize";
import type { ApplyOptions, Terraform } from "../terraform";
import { waitUntil } from "../wait-until";
import { SecretsApi } from "./secrets-api";

/** What every exchange of a secret works with. */
export class Rotation {
  constructor(
    readonly settings: Settings,
    readonly catalog: Catalog,
    readonly terraform: Terraform,
    private readonly stacks: readonly SynthesizedStack[],
  ) {}

  /** Consul, with the management token that the state has now. */
  async admin(): Promise<SecretsApi> {
    return new SecretsApi(await adminDoor(this.settings, this.terraform));
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
  return waitUntil(
    seconds,
    async () => ((await isInUse()) ? "" : what),
    () =>
      new UserError(
        `${what}: not within ${seconds} s. Nothing old was taken away`,
        "`npm run verify` and `docker logs NAME` tell more. Mend the cause and run it again: it continues from here.",
      ),
  );
}
