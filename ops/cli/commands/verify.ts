import { exits, verb } from "../verb.js";
import { JSON_OPTION } from "./format.js";

export const verify = verb("verify", "Compare the catalog with Consul, service by service", [
  "Exit code 1 if a service is missing, critical, extra, different, registered twice or refused.",
])
  .option(...JSON_OPTION)
  .action(exits(async (options) => (await import("../../verbs/verify.js")).verify(options)));
