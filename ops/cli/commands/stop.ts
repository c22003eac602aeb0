import { exits, verb } from "../verb.js";

export const stop = verb("stop", "Stop every container of the platform, in an order in which nothing is lost", [
  "Everything stays on the Docker host. The containers stay stopped when Docker restarts.",
]).action(exits(async () => (await import("../../verbs/stop.js")).stop()));
