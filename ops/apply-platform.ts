import type { Settings } from "../lib/settings";
import { type Applied, applyAll, applyOne } from "./apply-all";
import { report } from "./progress";
import { rollServers } from "./servers/roll";
import { serverNumber } from "./servers/server-containers";
import type { SynthesizedStack } from "./synthesize";
import type { Terraform } from "./terraform";

/** Applies stacks of the platform, the servers' ones as a roll. */
export function applyPlatform(
  settings: Settings,
  terraform: Terraform,
  stacks: readonly SynthesizedStack[],
): Promise<readonly Applied[]> {
  const apply = async (stack: SynthesizedStack) => [await applyOne(terraform, stack, report)];
  const isServer = ({ name }: SynthesizedStack) => serverNumber(name) !== undefined;
  const servers = stacks.filter(isServer);
  const mendGateway = () => Promise.all(stacks.filter(({ name }) => name === "gateway").map(apply));
  const roll = { settings, terraform, stacks: servers, mendGateway, report };
  const others = stacks
    .filter((stack) => !isServer(stack))
    .map((stack) => ({ stacks: [stack], work: () => apply(stack) }));
  return applyAll([...others, { stacks: servers, work: () => rollServers(roll) }], settings.backend !== "local");
}
