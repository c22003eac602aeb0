import type { Settings } from "../../lib/settings.js";
import { report } from "../cli/progress.js";
import { type Applied, applyAll, applyOne, NO_CHANGE, reportApplied } from "../terraform/apply-all.js";
import type { Terraform } from "../terraform/terraform.js";
import { rollServers } from "./servers/roll.js";
import { serverNumber } from "./servers/server-containers.js";
import type { SynthesizedStack } from "./synthesize.js";
import type { Plans } from "./undertaking.js";

/**
 * Applies stacks of the platform, the servers' ones as a roll.
 * @param plans what was planned a moment ago and still holds. @default - everything is planned when it is its turn
 * @param onNetworks is done before anything starts in networks that were recreated. @default - nothing
 */
export function applyPlatform(
  settings: Settings,
  terraform: Terraform,
  stacks: readonly SynthesizedStack[],
  plans: Plans = new Map(),
  onNetworks?: () => Promise<void>,
): Promise<readonly Applied[]> {
  // OpenTofu encrypts a state when it writes it, which an apply without any change does as well; and of two clones that
  // apply to one database at once, the second is stopped by the foundation's lock, before it comes to a server.
  const mayRest = settings.backend === "local" && !terraform.isEncrypting;
  const isDone = ({ name }: SynthesizedStack) => mayRest && plans.get(name)?.isUnchanged === true;
  const apply = async (stack: SynthesizedStack) => {
    if (isDone(stack)) return [reportApplied(stack, NO_CHANGE, 0, report)];
    const applied = await applyOne(terraform, stack, report);
    if (stack.names.network.length > 0 && applied.add > 0) await onNetworks?.();
    return [applied];
  };
  const isServer = ({ name }: SynthesizedStack) => serverNumber(name) !== undefined;
  const servers = stacks.filter(isServer);
  const mendGateway = () => Promise.all(stacks.filter(({ name }) => name === "gateway").map(apply));
  const roll = { settings, terraform, stacks: servers, plans, mendGateway, report };
  const others = stacks
    .filter((stack) => !isServer(stack))
    .map((stack) => ({ stacks: [stack], work: () => apply(stack) }));
  return applyAll([...others, { stacks: servers, work: () => rollServers(roll) }], settings.backend !== "local");
}
