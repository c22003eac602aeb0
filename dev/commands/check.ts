import { exits, verb } from "../../ops/cli/verb.js";

export const check = verb(
  "check",
  "Types, Biome, shellcheck, `go vet`, alert rules, unit and synth tests; no Docker",
).action(exits(async () => (await import("../check.js")).check()));
