import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Change, changesBetween } from "../../../lib/catalog/changes.js";
import { declaredBy } from "../../../lib/catalog/declared.js";
import { kvSubkey } from "../../../lib/catalog/definition.js";
import type { Catalog } from "../../../lib/catalog/types.js";
import { cut } from "../../../lib/printable.js";
import { givenVariables, type Settings } from "../../../lib/settings.js";
import { UserError } from "../../../lib/user-error.js";
import { report as tell } from "../../cli/progress.js";
import { connect } from "../../consul/connect.js";
import { requireDocker } from "../../docker/require-docker.js";
import { forgottenOf, linesOf } from "../../platform/forgotten.js";
import { redirectedNow } from "../../platform/redirects.js";
import { RememberedPlans } from "../../platform/remembered/remembered-plans.js";
import { type SynthesizedStack, synthesize } from "../../platform/synthesize.js";
import { setUpToPlan } from "../../platform/tools.js";
import { readRecord } from "../../platform/up-record.js";
import { readStates } from "../../terraform/states.js";
import type { Terraform } from "../../terraform/terraform.js";
import { appliedIn } from "./applied.js";
import { dangersOf, noticedIn, removalDangers } from "./dangers.js";
import type { Outcome } from "./outcome.js";
import { planSurplus } from "./plan-surplus.js";
import { unmeantRemovals } from "./removals.js";
import { isChanged, type Report } from "./report.js";

/** One synth, every stack planned in order, one report. Changes nothing and leaves no plan behind. */
export async function planPlatform(asked: Settings, catalog: Catalog): Promise<Report> {
  await requireDocker();
  const { settings, terraform } = await setUpToPlan(asked);
  const record = await readRecord(settings, terraform);
  const stacks = await stackFolders(settings, catalog);
  const states = await readStates(settings, terraform, stacks);
  const isApplied = (name: string) => states.has(name);
  const remembered = await RememberedPlans.read({ settings, terraform, stacks, states });
  const outcomes: Outcome[] = [];
  for (const stack of stacks) {
    // What an unapplied foundation is to give cannot be planned with.
    const isPlanned = stack.name === "foundation" || isApplied("foundation");
    if (process.stderr.isTTY && isPlanned && !remembered.isUnchanged(stack.name)) tell(`planning ${stack.name}`);
    outcomes.push(
      isPlanned
        ? await planUnlessRemembered(terraform, stack, isApplied(stack.name), remembered)
        : nothing(stack.name, "new"),
    );
  }
  remembered.save();
  outcomes.push(...(await planSurplus(settings, states.keys())));
  const applied = appliedIn(states);
  const changes = changesBetween(applied, declaredBy(catalog));
  const plannedChanges = outcomes.flatMap((outcome) => outcome.changes);
  return reportOf(stacks, outcomes, {
    catalog: changes,
    redirected: await redirectedNow(settings, applied, catalog),
    refused: linesOf(forgottenOf(record?.settings ?? {}, givenVariables())),
    dangers: [
      ...dangersOf(plannedChanges, await stillHealthy(settings, terraform, changes), new Set(settings.allow)),
      ...removalDangers(unmeantRemovals(changes, catalog, settings.catalogFolder, record), new Set(settings.allow)),
    ],
  });
}

/**
 * The report of the plans. Pure.
 * @param found what was found besides
 */
export function reportOf(
  stacks: readonly SynthesizedStack[],
  outcomes: readonly Outcome[],
  found: Pick<Report, "catalog" | "redirected" | "refused" | "dangers">,
): Report {
  return {
    ...found,
    stacks: outcomes.map(({ plan }) => ({ ...plan, note: plan.note || waitsFor(plan.name, stacks, outcomes) })),
    noticed: noticedIn(outcomes.flatMap((outcome) => outcome.changes)),
    drifted: [],
  };
}

/** Synthesizes the stacks, what stands on nothing first. */
export async function stackFolders(settings: Settings, catalog: Catalog): Promise<readonly SynthesizedStack[]> {
  return inOrder(await synthesize(settings, catalog));
}

/** What stands on nothing first, then what stands on that, and so on. Pure. */
export function inOrder(stacks: readonly SynthesizedStack[]): readonly SynthesizedStack[] {
  const depth = (name: string): number =>
    1 + Math.max(0, ...(stacks.find((stack) => stack.name === name)?.dependencies ?? []).map(depth));
  return [...stacks].sort((a, b) => depth(a.name) - depth(b.name));
}

/**
 * What an apply of the stack would change.
 * @param wasApplied whether it has a state: what cannot be planned without one is new, not unknown
 */
export async function planOne(terraform: Terraform, stack: SynthesizedStack, wasApplied: boolean): Promise<Outcome> {
  const { changes, changesOutputs, problems } = await terraform.plan(stack.folder);
  const declared = declaredNames(stack.folder);
  const isGone = changes.some(({ address }) => !declared.has(address));
  const applied = isGone && wasApplied ? await appliedNames(terraform, stack.folder) : declared;
  const named = changes.map(({ address, type, action }) => ({
    stack: stack.name,
    type,
    name: declared.get(address) ?? applied.get(address) ?? address,
    action,
  }));
  // Terraform tells what it would do also where it may not, as to a volume that is protected.
  if (problems.length > 0)
    return wasApplied
      ? { ...nothing(stack.name, "unknown", cut(problems.join("; "), 160)), changes: named }
      : nothing(stack.name, "new");
  return planned(stack.name, named, changes.length === 0 && !changesOutputs);
}

/** The same; Terraform is not asked again where a plan found nothing to do and all is as it was then. */
export async function planUnlessRemembered(
  terraform: Terraform,
  stack: SynthesizedStack,
  wasApplied: boolean,
  remembered: RememberedPlans,
): Promise<Outcome> {
  if (remembered.isUnchanged(stack.name)) return planned(stack.name, [], true);
  const outcome = await planOne(terraform, stack, wasApplied);
  if (outcome.isUnchanged) remembered.note(stack.name);
  return outcome;
}

function planned(name: string, changes: Outcome["changes"], isUnchanged: boolean): Outcome {
  const count = (wanted: string) => changes.filter(({ action }) => action === wanted).length;
  const numbers = {
    add: count("create"),
    change: count("update"),
    replace: count("replace"),
    destroy: count("delete"),
  };
  return { plan: { name, state: "planned", ...numbers, note: "" }, changes, isUnchanged };
}

/** A stack that cannot be planned. */
export function nothing(name: string, state: "new" | "unknown", note = ""): Outcome {
  return { plan: { name, state, add: 0, change: 0, replace: 0, destroy: 0, note }, changes: [], isUnchanged: false };
}

/** Which changed stacks this one stands on: it was planned on what they gave yesterday. */
function waitsFor(name: string, stacks: readonly SynthesizedStack[], outcomes: readonly Outcome[]): string {
  const below = (of: string): readonly string[] =>
    (stacks.find((stack) => stack.name === of)?.dependencies ?? []).flatMap((each) => [each, ...below(each)]);
  const changed = outcomes
    .filter(({ plan }) => plan.state === "planned" && isChanged(plan))
    .map(({ plan }) => plan.name);
  const waited = changed.filter((each) => below(name).includes(each));
  if (waited.length === 0) return "";
  const isPlanned = outcomes.some(({ plan }) => plan.name === name && plan.state === "planned");
  return `downstream of ${waited.join(", ")}${isPlanned ? ", planned on yesterday's outputs" : ""}`;
}

const resourcesSchema = z.object({
  resource: z.record(z.string(), z.record(z.string(), z.looseObject({ name: z.unknown().optional() }))).default({}),
});

/** Address → name on the Docker host, of what is declared. */
function declaredNames(folder: string): ReadonlyMap<string, string> {
  const { resource } = resourcesSchema.parse(JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")));
  const all = Object.entries(resource).flatMap(([type, each]) =>
    Object.entries(each).map(([id, { name }]) => [`${type}.${id}`, name] as const),
  );
  return new Map(all.flatMap(([address, name]) => (isPlain(name) ? [[address, name] as const] : [])));
}

/** The same of what was applied: a resource that is to go is no longer declared. */
async function appliedNames(terraform: Terraform, folder: string): Promise<ReadonlyMap<string, string>> {
  const { resources } = stateSchema.parse(JSON.parse(await terraform.state(folder)));
  const all = resources.map(({ type, name, instances }) => [`${type}.${name}`, instances[0]?.attributes.name] as const);
  return new Map(all.flatMap(([address, name]) => (isPlain(name) ? [[address, name] as const] : [])));
}

function isPlain(name: unknown): name is string {
  return typeof name === "string" && !name.includes("${");
}

const stateSchema = z.object({
  resources: z.array(
    z.object({
      type: z.string(),
      name: z.string(),
      instances: z.array(z.object({ attributes: z.looseObject({ name: z.unknown().optional() }) })),
    }),
  ),
});

/** The removed services that still have a healthy instance; [] if Consul does not answer, which the stacks report. */
export async function stillHealthy(
  settings: Settings,
  terraform: Terraform,
  changes: readonly Change[],
): Promise<readonly Change[]> {
  const removed = changes.filter(({ kind }) => kind === "removed");
  if (removed.length === 0) return [];
  try {
    const consul = await connect(settings, terraform);
    const [instances, checks] = await Promise.all([consul.catalog.instances(), consul.health.checks()]);
    const healthy = instances.filter(
      ({ node, id }) =>
        !checks.some((check) => check.node === node && check.serviceId === id && check.status === "critical"),
    );
    return removed.filter(({ service }) => healthy.some((instance) => kvSubkey(instance) === service));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [];
  }
}
