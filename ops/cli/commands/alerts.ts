import { exits, verb } from "../verb.js";

export const alerts = verb("alerts", "Show which alerts fire, and since when", [
  "Exit code 1 where one fires that nobody silenced. It needs `monitoring: on`.",
])
  .option("--json", "print JSON (docs/reference/json.md)")
  .action(exits(async (options) => (await import("../../verbs/alerts.js")).alerts(options)));
