import type { Mode } from "../../bench/bench.js";
import { exits, verb } from "../../ops/cli/verb.js";

export const bench = verb("bench", "How fast and how large, against plain `cdktf` in the same run")
  .action(exits(() => run("warm")))
  .addCommand(
    verb("cold", "The same, and the provision cache rebuilt first, about 20 minutes").action(exits(() => run("cold"))),
  )
  .addCommand(
    verb("scale", "The catalog's verbs at 40, 400 and 4,000 services, without Docker").action(
      exits(() => run("scale")),
    ),
  )
  .addCommand(verb("plan", "The plan of the registry at as many").action(exits(() => run("plan"))))
  .addCommand(
    verb("registrar", "From KV to the agent at 40 and 4,000 services, old and new").action(
      exits(() => run("registrar")),
    ),
  )
  .addCommand(
    verb("monitor", "What consul-monitor takes at 40, 400 and 4,000 services").action(exits(() => run("monitor"))),
  );

async function run(mode: Mode): Promise<number> {
  return (await import("../../bench/bench.js")).bench(mode);
}
