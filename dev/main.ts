import { runProgram } from "../ops/cli/run-program.js";
import { DEV } from "./commands/all.js";

void runProgram(DEV, "node dev/run.mjs");
