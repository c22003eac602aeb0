#!/usr/bin/env node
// The executable `rollcall`.
import { enter } from "./cli/enter.mjs";

await enter(new URL("./", import.meta.url), "npx rollcall");
