import type { DiscoveryMode } from "../../bench/discovery.js";
import { exits, verb } from "../../ops/cli/verb.js";

export const benchDiscovery = verb(
  "bench:discovery",
  "What a pick of the discovery client costs, by strategy, and what it and others cost against a real Consul",
)
  .action(exits(() => run("both")))
  .addCommand(verb("picks", "The picks alone; no Consul").action(exits(() => run("picks"))))
  .addCommand(verb("peers", "The client beside its peers alone").action(exits(() => run("peers"))));

async function run(mode: DiscoveryMode): Promise<number> {
  return (await import("../../bench/discovery.js")).benchDiscovery(mode);
}
