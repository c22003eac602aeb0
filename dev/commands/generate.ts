import { exits, verb } from "../../ops/cli/verb.js";

export const generate = verb(
  "generate",
  "Write what is made from the code: help texts, docs/reference, docs/tests.md, the catalog's JSON Schema",
).action(exits(async (_options, command) => (await import("../generate.js")).generate(command.parent ?? command)));
