import { ROLLCALL } from "./cli/commands/all.js";
import { runProgram } from "./cli/run-program.js";

void runProgram(ROLLCALL, "npx rollcall");
