import { program } from "../../ops/cli/program.js";
import { bench } from "./bench.js";
import { benchDiscovery } from "./bench-discovery.js";
import { check } from "./check.js";
import { generate } from "./generate.js";
import { soak } from "./soak.js";
import { test } from "./test.js";

/** What those need who work on Rollcall itself. */
export const DEV = program("dev", [check, test, generate, bench, benchDiscovery, soak]);
