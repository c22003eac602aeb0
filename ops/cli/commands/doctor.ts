import { exits, verb } from "../verb.js";
import { JSON_OPTION } from "./format.js";

export const doctor = verb(
  "doctor",
  "Find problems, each with its remedy: Docker, ports, DNS, clocks, disk, memory, versions, modes, drift",
  ["Looks at everything and changes nothing. Exit code 1 if something is wrong."],
)
  .option(...JSON_OPTION)
  .action(exits(async (options) => (await import("../../verbs/doctor.js")).doctor(options)));
