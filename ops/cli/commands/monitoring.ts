import { Option } from "@commander-js/extra-typings";
import { exits, verb } from "../verb.js";

export const monitoring = verb("monitoring", "Rules, dashboards and targets for a Prometheus").addCommand(
  verb("export", "Write alert rules with their tests, scrape configuration, probes, routes and dashboards", [
    "It needs no Docker: everything comes from the catalog and the settings.",
    "Files that you put into the folder yourself stay.",
  ])
    .argument("<folder>", "a new or empty folder, or that of an earlier export")
    .addOption(
      new Option("--format <format>", "kubernetes: for the Prometheus Operator")
        .choices(["prometheus", "kubernetes"] as const)
        .default("prometheus" as const),
    )
    .option("--check", "write nothing; exit code 1 where the folder is not what the catalog says")
    .option("--runbooks <url>", "where alerts find docs/runbooks.md")
    .action(
      exits(async (folder, options) => (await import("../../verbs/monitoring.js")).exportMonitoring(folder, options)),
    ),
);
