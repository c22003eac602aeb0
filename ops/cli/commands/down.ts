import { Option } from "@commander-js/extra-typings";
import { exits, verb } from "../verb.js";

export const down = verb("down", "Remove exactly what `up` made, and what Consul holds with it", [
  "Says what is lost and asks. If it is interrupted, the next `down` or `up` finishes it.",
])
  .argument("[platform]", "another platform, whose clone is gone, by its label rollcall.instance")
  .option("-y, --yes", "answer the question with yes")
  .addOption(
    new Option("--keep-data", "keep every volume, the state and the applied settings; the next `up` goes on with them"),
  )
  .action(exits(async (name, options) => (await import("../../verbs/down.js")).down({ name, ...options })));
