import { Option } from "@commander-js/extra-typings";
import { exits, verb } from "../verb.js";
import { JSON_OPTION } from "./format.js";

export const settings = verb("settings", "Show each setting, its value and where it comes from", [
  "docs/reference/settings.md describes them.",
])
  .option("--write", "write rollcall.yaml with the settings of the environment and of the last `up`")
  .addOption(new Option(...JSON_OPTION).conflicts("write"))
  .action(exits(async (options) => (await import("../../verbs/settings.js")).settings(options)));
