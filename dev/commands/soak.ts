import { exits, verb } from "../../ops/cli/verb.js";

export const soak = verb("soak", "Random faults under 100 users of the discovery client, on a platform of its own")
  .argument("[minutes]", "how long", "30")
  .action(exits(async (minutes) => (await import("../../bench/soak.js")).soak(minutes)));
