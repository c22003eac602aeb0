import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Change, changesBetween } from "../../lib/catalog/changes";
import { declaredBy } from "../../lib/catalog/declared";
import { kvSubkey } from "../../lib/catalog/definition";
import type { Catalog } from "../../lib/catalog/types";
import { cut } from "../../lib/printable";
import { givenVariables, type Settings } from "../../lib/settings";
import { UserError } from "../../lib/user-error";
import { forgottenOf, linesOf } from "../forgotten";
import { connect } from "../live";
import { report as tell } from "../progress";
import { redirectedNow } from "../redirects";
import { requireDocker } from "../require-docker";
import { readStates } from "../states";
import { type SynthesizedStack, synthesize } from "../synthesize";
import type { Terraform } from "../terraform";
import { setUpToPlan } from "../tools";
import { readRecord } from "../up-record";
import { appliedIn } from "./applied";
import { dangersOf, noticedIn, type PlannedChange, removalDangers } from "./dangers";
import { planGoing } from "./plan-going";
import { unmeantRemovals } from "./removals";
import { isChanged, type Report, type StackPlan } from "./report";

/** A stack's line in the report, and its changes one by one. */
export interface Outcome {
  readonly plan: StackPlan;
  readonly changes: readonly PlannedChange[];
  /** Whether an apply would change nothing at all, outputs included. */
  readonly isStill: boolean;
}

/** One synth, every stack planned in order, one report. Changes nothing and leaves no plan behind. */
export async function planPlatform(asked: Settings, catalog: Catalog): Promise<Report> {
  await requireDocker();
  const { settings, terraform } = await setUpToPlan(asked);
  const record = await readRecord(settings, terraform);
  const stacks = await stackFolders(settings, catalog);
  const states = await readStates(settings, terraform, stacks);
  const isApplied = (name: string) => states.has(name);
  const outcomes: Outcome[] = [];
  for (const stack of stacks) {
    // What an unapplied foundation is to give cannot be planned with.
    const isPlanned = stack.name === "foundation" || isApplied("foundation");
    if (process.stderr.isTTY && isPlanned) tell(`planning ${stack.name}`);
    outcomes.push(isPlanned ? await planOne(terraform, stack, isApplied(stack.name)) : nothing(stack.name, "new"));
  }
  outcomes.push(...(await planGoing(settings, states.keys())));
  const applied = appliedIn(states);
  const changes = changesBetween(applied, declaredBy(catalog));
  const planned = outcomes.flatMap((outcome) => outcome.changes);
  return {
    catalog: changes,
    stacks: outcomes.map(({ plan }) => ({ ...plan, note: plan.note || waitsFor(plan.name, stacks, outcomes) })),
    noticed: noticedIn(planned),
    redirected: await redirectedNow(settings, applied, catalog),
    drifted: [],
    refused: linesOf(forgottenOf(record?.settings ?? {}, givenVariables())),
    dangers: [
      ...dangersOf(planned, await stillHealthy(settings, terraform, changes), new Set(settings.allow)),
      ...removalDangers(unmeantRemovals(changes, catalog, settings.catalogFolder, record), new Set(settings.allow)),
    ],
  };
}

/** Synthesizes the stacks, what stands on nothing first. */
export async function stackFolders(settings: Settings, catalog: Catalog): Promise<readonly SynthesizedStack[]> {
  const stacks = await synthesize(settings, catalog);
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
  const count = (wanted: string) => named.filter(({ action }) => action === wanted).length;
  const numbers = {
    add: count("create"),
    change: count("update"),
    replace: count("replace"),
    destroy: count("delete"),
  };
  const isStill = changes.length === 0 && !changesOutputs;
  return { plan: { name: stack.name, state: "planned", ...numbers, note: "" }, changes: named, isStill };
}

/** A stack of which nothing can be said. */
export function nothing(name: string, state: "new" | "unknown", note = ""): Outcome {
  return { plan: { name, state, add: 0, change: 0, replace: 0, destroy: 0, note }, changes: [], isStill: false };
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

/** The removed services of which an instance is healthy now; [] where Consul cannot say, which the stacks tell. */
async function stillHealthy(settings: Settings, terraform: Terraform, changes: readonly Change[]) {
  const removed = changes.filter(({ kind }) => kind === "removed");
  if (removed.length === 0) return [];
  try {
    const client = await connect(settings, terraform);
    const [instances, checks] = await Promise.all([client.instances(), client.checks()]);
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
