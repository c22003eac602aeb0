import { exits, verb } from "../verb.js";

const TAIL = ["--tail <lines>", "only the last lines, a number or `all`; 200 unless --since is given"] as const;
const SINCE = ["--since <time>", "only what is newer: a time span such as 10m, or a time"] as const;

const audit = verb("audit", "Show who wrote what, through Consul's API and with these verbs")
  .option("--all", "also what was refused or changes nothing")
  .option("--json", "print JSON lines (docs/reference/json.md)")
  .option(...TAIL)
  .option(...SINCE)
  .action(exits(async (options) => (await import("../../verbs/logs/audit-log.js")).auditLog(options)));

export const logs = verb(
  "logs",
  "Show the log of a part of the platform, or of a service with the latest results of its checks",
  ["A service that is named audit: TEAM/audit."],
)
  .argument("<part>", "server-1, agent, registrar, gateway and so on, as `status` names them, or a service")
  .option("-f, --follow", "print new lines as they come")
  .option(...TAIL)
  .option(...SINCE)
  .action(exits(async (name, options) => (await import("../../verbs/logs.js")).logs({ name, ...options })))
  .addCommand(audit);
