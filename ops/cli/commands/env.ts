import { exits, verb } from "../verb.js";

export const env = verb("env", "Print the exports with which plain `cdktf` and `terraform` work here as the verbs do", [
  'eval "$(npx rollcall env)"',
]).action(exits(async () => (await import("../../verbs/env.js")).env()));
