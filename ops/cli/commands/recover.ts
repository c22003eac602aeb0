import { exits, verb } from "../verb.js";

export const recover = verb("recover", "Rebuild the cluster after most servers were lost with their data", [
  "Refuses while a quorum lives. Says what it keeps and asks.",
])
  .option("-y, --yes", "answer the question with yes")
  .action(exits(async (options) => (await import("../../verbs/recover.js")).recover(options)));
