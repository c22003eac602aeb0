import { Option } from "@commander-js/extra-typings";
import { exits, verb } from "../verb.js";
import { JSON_OPTION } from "./format.js";

export const catalog = verb("catalog", "Read the catalog alone; compare or import what a running Consul holds")
  .addCommand(
    verb("lint", "Report every mistake in the catalog")
      .option(...JSON_OPTION)
      .addOption(
        new Option("--format <format>", "github: mistakes as annotations of a job on GitHub")
          .choices(["text", "github"] as const)
          .default("text" as const)
          .conflicts("json"),
      )
      .action(exits(async (options) => (await import("../../verbs/catalog.js")).catalogLint(options))),
  )
  .addCommand(
    verb("list", "List the services, one a line")
      .option(...JSON_OPTION)
      .action(exits(async (options) => (await import("../../verbs/catalog.js")).catalogList(options))),
  )
  .addCommand(
    verb("show", "Show a service with all its defaults")
      .argument("<service>", "its name, or the id of an instance")
      .option(...JSON_OPTION)
      .action(
        exits(async (service, options) => (await import("../../verbs/catalog.js")).catalogShow(service, options)),
      ),
  )
  .addCommand(
    verb("render", "Print the definitions as one Consul configuration file").action(
      exits(async () => (await import("../../verbs/catalog.js")).catalogRender()),
    ),
  )
  .addCommand(
    verb("audit", "Show where Consul differs from the catalog, each with the command that fixes it")
      .option(...JSON_OPTION)
      .action(exits(async (options) => (await import("../../verbs/audit.js")).audit(options))),
  )
  .addCommand(
    verb("import", "Write a catalog of what a running Consul holds")
      .requiredOption("--from <url>", "Consul's address, such as http://consul.example.com:8500")
      .requiredOption("--to <folder>", "a new or empty folder")
      .option("--token-file <file>", "a file with a token that may read services and nodes")
      .action(exits(async (options) => (await import("../../verbs/import.js")).importCatalog(options))),
  );
