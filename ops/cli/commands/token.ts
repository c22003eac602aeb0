import { exits, verb } from "../verb.js";

export const token = verb("token", "Print one token and nothing else", [
  'Without showing it: export CONSUL_HTTP_TOKEN="$(npx rollcall token operator)"',
])
  .argument("[name]", "which one; without it, the names of all")
  .action(exits(async (name) => (await import("../../verbs/token.js")).token(name)));
