import type { Exchange } from "../../verbs/rotate.js";
import { exits, verb } from "../verb.js";

export const rotate = verb("rotate", "Exchange secrets while everything runs; Consul then refuses the old ones", [
  "The next run finishes what an interrupted run left.",
])
  .addCommand(
    verb("tokens", "Exchange every token; those that others hold stay valid beside the new ones until --finish")
      .option("--finish", "remove the old ones that others held")
      .action(exits(({ finish }) => run(finish === true ? "tokens --finish" : "tokens"))),
  )
  .addCommand(exchange("gossip", "Exchange the gossip key"))
  .addCommand(exchange("certificates", "Exchange the CA and every certificate"))
  .addCommand(exchange("management", "Exchange the management token"));

function exchange(what: "gossip" | "certificates" | "management", does: string) {
  return verb(what, does).action(exits(() => run(what)));
}

async function run(what: Exchange): Promise<number> {
  return (await import("../../verbs/rotate.js")).rotate(what);
}
