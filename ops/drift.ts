import { changesBetween, type Definition, definitionsOf } from "../lib/catalog/changes";
import { readCatalog } from "../lib/catalog/read-catalog";
import { readSettings, type Settings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import { comparable } from "./compare";
import type { LiveInstance } from "./consul-client";
import { reportOptions } from "./diff/format";
import { appliedDefinitions, nothing, planOne, stackFolders } from "./diff/plan-platform";
import { exitCode, type Report, render, type StackPlan } from "./diff/report";
import { connect } from "./live";
import { readStates } from "./states";
import { setUpToPlan } from "./tools";

/**
 * `npm run drift`: what runs against what was applied; changes nothing. In containers, networks, volumes, tokens and KV
 * as Terraform reads them, told as what `up` would do to mend it; and in the services that Consul has.
 * Exit code 0 for no drift, 2 for some, 1 where something cannot be said.
 */
export async function drift(args: readonly string[]): Promise<number> {
  const { format } = reportOptions(args, "Say `npm run drift -- [--format text|markdown|json]`.", []);
  const report = await readDrift(readSettings());
  console.log(render(report, format));
  return exitCode(report);
}

/** @throws UserError where the platform was never applied, or the catalog's files have changes that were not */
export async function readDrift(asked: Settings): Promise<Report> {
  const catalog = readCatalog(asked.catalogFolder);
  const { settings, terraform } = await setUpToPlan(asked);
  const folders = stackFolders(settings, catalog);
  if (!(await readStates(settings, terraform, folders)).has("registry"))
    throw new UserError("The platform is not up, so nothing can have drifted", "Run `npm run up`.");
  const registry = folders.find(({ name }) => name === "registry");
  const applied = registry === undefined ? [] : await appliedDefinitions(terraform, registry.folder);
  const pending = changesBetween(applied, definitionsOf(catalog));
  if (pending.length > 0)
    throw new UserError(
      `The catalog's files have changes that were not applied, of ${pending.map(({ service }) => service).join(", ")}`,
      "Run `npm run up` first, or read `npm run diff`: the two could not be told from each other.",
    );
  const stacks: StackPlan[] = [];
  for (const stack of folders) stacks.push((await planOne(terraform, stack, true)).plan);
  const live = await (await connect(settings, terraform)).instances().catch((error: unknown) => {
    if (error instanceof UserError) return undefined;
    throw error;
  });
  return {
    catalog:
      live === undefined ? [] : changesBetween(applied, asDefinitions(comparable(settings, catalog, live), applied)),
    stacks: live === undefined ? stacks.map(unreadable) : stacks,
    noticed: [],
    dangers: [],
  };
}

/** Without Consul nobody knows what the registry holds. */
function unreadable(stack: StackPlan): StackPlan {
  return stack.name === "registry" ? nothing(stack.name, "unknown", "Consul does not answer").plan : stack;
}

/** What Consul has, to be compared with definitions; of checks it does not say how they are made. */
function asDefinitions(live: readonly LiveInstance[], applied: readonly Definition[]): readonly Definition[] {
  return live
    .filter(({ name }) => name !== "consul")
    .map(({ id, name, address, port, tags, meta }) => {
      const declared = applied.find((each) => each.id === id);
      const weights = declared?.weights === undefined ? {} : { weights: declared.weights };
      return { id, name, address, port, tags: [...tags], meta, ...weights, checks: declared?.checks ?? [] };
    });
}
