#!/usr/bin/env node
// The door of `npm run check`, `npm test` and what else those need who work on Rollcall itself.
import { enter } from "../ops/cli/enter.mjs";

await enter(new URL("./", import.meta.url), "node dev/run.mjs");
