import { setTimeout as sleep } from "node:timers/promises";
import type { Catalog } from "../../lib/catalog/types";
import type { Settings } from "../../lib/settings";
import { UserError } from "../../lib/user-error";
import { applyPlatform } from "../apply-platform";
import { stopIfInterrupted } from "../interrupt";
import { outputOf } from "../live";
import type { SynthesizedStack } from "../synthesize";
import type { Terraform } from "../terraform";
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
    const [caPem, token] = await Promise.all([this.output("ca-certificate"), this.output("token-management")]);
    return new SecretsApi({ port: this.settings.httpsPort, caPem, token });
  }

  /** An output of the foundation. */
  output(name: string): Promise<string> {
    return outputOf(this.settings, this.terraform, "foundation", name);
  }

  /** A stack's state, secrets included: for memory alone. */
  state(stack: string): Promise<string> {
    return this.terraform.state(this.folderOf(stack));
  }

  /** Applies the foundation alone; `replace` names resources that are to be made anew. */
  async applyFoundation(replace: readonly string[] = []): Promise<void> {
    stopIfInterrupted();
    await this.terraform.apply("foundation", this.folderOf("foundation"), () => {}, { replace });
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

  folderOf(stack: string): string {
    const found = this.stacks.find(({ name }) => name === stack);
    if (found === undefined) throw new Error(`there is no stack ${stack}`);
    return found.folder;
  }
}

/**
 * Looks twice a second until it holds.
 * @throws UserError after the deadline; what was done until then stays, and the next run continues
 */
export async function waitUntil(what: string, seconds: number, condition: () => Promise<boolean>): Promise<void> {
  const begun = Date.now();
  while (!(await condition())) {
    stopIfInterrupted();
    if (Date.now() - begun > seconds * 1000)
      throw new UserError(
        `${what}: not within ${seconds} s. Nothing old was taken away`,
        "`npm run verify` and `docker logs NAME` tell more. Mend the cause and run it again: it continues from here.",
      );
    await sleep(500);
  }
}
