import { exits, verb } from "../verb.js";
import { format, inFormat, jsonInstead } from "./format.js";

export const diff = verb("diff", "Show what `up` would change, in words and stack by stack; changes nothing", [
  "Exit code 0 for no change, 2 for changes, 1 for a danger that ROLLCALL_ALLOW does not name.",
])
  .option("--against <ref>", "what the catalog's files changed since a commit, without Docker or state")
  .option("--of <ref>", "read the newer files from a commit as well")
  .addOption(format())
  .addOption(jsonInstead())
  .action(exits(async (options) => (await import("../../verbs/diff.js")).diff(inFormat(options))));
