import { exits, verb } from "../../ops/cli/verb.js";
import type { Kind } from "../test.js";

export const test = verb(
  "test",
  "`check`, and what is promised against real Docker, Consul and Terraform, on platforms of its own",
)
  .action(exits(() => run("quick")))
  .addCommand(verb("unit", "Unit and synth tests").action(exits(() => run("unit"))))
  .addCommand(files("e2e", "The end-to-end files that `npm test` runs, or those that are named"))
  .addCommand(files("chaos", "The chaos files, or those that are named"))
  .addCommand(
    files(
      "all",
      "What is slow and rarely broken as well, hours; `all upgrade-from REF`: take over an older commit's platform",
    ),
  )
  .addCommand(
    verb("changed", "`check`, and what a change can affect")
      .option("--since <ref>", "the change since this commit, instead of since the last commit")
      .action(exits(({ since }) => run("changed", [], since))),
  )
  .addCommand(
    verb("rules", "The rules of alerts by promtool: their cases, and a mutant of each part; no Docker")
      .argument("[rules...]", "mutants of these alerts and records alone, such as ServiceDown")
      .action(exits((names) => run("rules", names))),
  )
  .addCommand(verb("list", "Write docs/tests.md").action(exits(() => run("list"))));

function files(kind: "e2e" | "chaos" | "all", does: string) {
  return verb(kind, does)
    .argument("[files...]", "such as 06-diff")
    .action(exits((names) => run(kind, names)));
}

async function run(kind: Kind, names: readonly string[] = [], since?: string): Promise<number> {
  return (await import("../test.js")).test({ kind, files: names, since });
}
