import { exits, verb } from "../verb.js";

export const start = verb("start", "Start what `stop` stopped, and wait until every service passes", [
  "Applies nothing. Exit code 1 if a service does not pass.",
]).action(exits(async () => (await import("../../verbs/start.js")).start()));
