import { exits, verb } from "../verb.js";
import { format, inFormat, jsonInstead } from "./format.js";

export const drift = verb("drift", "Compare what runs with what was applied; changes nothing", [
  "Exit code 0 for no drift, 2 for some, 1 if something is not known.",
])
  .addOption(format())
  .addOption(jsonInstead())
  .action(exits(async (options) => (await import("../../verbs/drift.js")).drift(inFormat(options))));
