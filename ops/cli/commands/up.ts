import { Option } from "@commander-js/extra-typings";
import { exits, verb } from "../verb.js";

export const up = verb("up", "Set up what is missing, apply what differs, wait until every service passes", [
  "Shows what it will change, and asks on a terminal if something of it is dangerous (docs/diff.md).",
  "A second run changes nothing. After an interruption it goes on from there.",
])
  .option("-y, --yes", "answer the question with yes")
  .option("--full", "plan every stack, also what stands as its last plan found it")
  .addOption(new Option("--dry-run", "show what it would change, as `diff` does, and change nothing").conflicts("yes"))
  .action(
    exits(async ({ dryRun, ...options }) =>
      dryRun === true
        ? (await import("../../verbs/diff.js")).diff({})
        : (await import("../../verbs/up.js")).up(options),
    ),
  );
