import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { OFFERED_KINDS } from "../../../lib/catalog/new-service.js";
import { exits, verb } from "../verb.js";

const service = verb("service", "Write a service into its team's file; comments and order stay as they are", [
  "The whole catalog is checked first: if it would have a mistake, nothing is written.",
  "resources, alias, instances and failover are written in an editor (docs/catalog.md).",
])
  .argument("<name>", "a name that no service has yet, such as billing_service")
  .requiredOption("--team <team>", "the team whose file gets it")
  .option("--new-team", "make a file for a team that the catalog does not have")
  .option("--port <number>", "the port on which it listens", wholeNumber)
  .option("--address <host>", "host name or IP address; the team's if not given")
  .option("--tags <tags>", "comma-separated, in addition to the team's", commaSeparated)
  .option("--meta <key=value...>", "metadata, over the team's")
  .option("--region <region>", "the region in which it runs")
  .addOption(new Option("--check <kind>", "the kind of its check; the team's if not given").choices(OFFERED_KINDS))
  .option("--path <path>", "of an HTTP check, such as /health")
  .option("--interval <time>", "how often it is checked, such as 10s")
  .option("--timeout <time>", "how long an attempt may take, such as 5s")
  .option("--user <name>", "of a PostgreSQL check: who logs in")
  .option("--ttl <time>", "of a ttl check: when it becomes critical after a heartbeat, such as 30s")
  .option("--reason <text>", "of the kind none: why nothing checks it")
  .option("--dynamic", "its instances register themselves")
  .action(
    exits(async (name, { meta, ...options }) =>
      (await import("../../verbs/add-service.js")).add({ name, ...options, meta: keysAndValues(meta) }),
    ),
  );

export const add = verb("add", "Add to the catalog").addCommand(service);

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It takes a whole number.");
  return Number(text);
}

function commaSeparated(text: string): readonly string[] {
  return text
    .split(",")
    .map((each) => each.trim())
    .filter(Boolean);
}

function keysAndValues(pairs: true | readonly string[] | undefined): Readonly<Record<string, string>> | undefined {
  if (pairs === undefined || pairs === true) return undefined;
  return Object.fromEntries(
    pairs.map((pair) => {
      const [key = "", ...value] = pair.split("=");
      if (key === "" || value.length === 0) throw new InvalidArgumentError(`--meta takes key=value, not ${pair}.`);
      return [key, value.join("=")];
    }),
  );
}
