import { exits, verb } from "../verb.js";
import { JSON_OPTION } from "./format.js";

export const status = verb(
  "status",
  "Show whether the platform is up: servers, leader, agent, registrar, gateway, catalog, certificates, last backup",
  [
    "Reports what it can where Consul has no leader, servers are stopped, or Docker is down.",
    "Exit code 0 if all is well, 1 if something is wrong. Warnings are not wrong.",
  ],
)
  .option(...JSON_OPTION)
  .action(exits(async (options) => (await import("../../verbs/status.js")).status(options)));
