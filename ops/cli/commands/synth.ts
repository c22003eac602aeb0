import { exits, verb } from "../verb.js";

export const synth = verb("synth", "Write every stack for Terraform; changes nothing").action(
  exits(async () => (await import("../../verbs/synth.js")).synth()),
);
