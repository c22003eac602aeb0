import { type Change, changesBetween } from "../lib/catalog/changes";
import { type Definition, declaredBy } from "../lib/catalog/declared";
import { readCatalog } from "../lib/catalog/read-catalog";
import type { Catalog } from "../lib/catalog/types";
import { readSettings, type Settings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import type { Asked } from "./command-line.cjs";
import { comparable } from "./compare";
import type { LiveInstance } from "./consul-client";
import { appliedIn } from "./diff/applied";
import { formatOf } from "./diff/format";
import { nothing, type Outcome, planOne, stackFolders } from "./diff/plan-platform";
import { exitCode, type Report, render, type StackPlan } from "./diff/report";
import { judgeForeignKeys, readForeignKeys } from "./foreign-keys";
import { refuseForgotten } from "./forgotten";
import { deadGatewayPorts } from "./gateway-ports";
import { isUnknown, known } from "./known";
import { connect } from "./live";
import { appliedLayout } from "./places/layout";
import { hostsOf, judgeStanding, readStanding } from "./places/standing";
import { requireDocker } from "./require-docker";
import { readStates } from "./states";
import type { Terraform } from "./terraform";
import { setUpToPlan } from "./tools";
import { recordOf } from "./up-record";

/**
 * `npm run drift`: what runs against what was applied; changes nothing. In containers, networks, volumes, tokens and KV
 * as Terraform reads them, told as what `up` would do to mend it; and in the services that Consul has.
 * Exit code 0 for no drift, 2 for some, 1 where something cannot be said.
 */
export async function drift({ named }: Asked): Promise<number> {
  const format = formatOf(named);
  const { report } = await readDrift(readSettings());
  console.log(render(report, format, "What Consul has is what was applied."));
  return exitCode(report);
}

/** Something that is otherwise than it was applied. */
export interface Drifted {
  /** What it is, and what is with it. */
  readonly what: string;
  /** Whether it is not there any more. */
  readonly isGone: boolean;
}

/** @throws UserError where the platform was never applied, settings are missing, or the catalog's files have changes that were not */
export async function readDrift(
  asked: Settings,
): Promise<{ readonly report: Report; readonly drifted: readonly Drifted[] }> {
  const catalog = readCatalog(asked.catalogFolder);
  refuseForgotten(await recordOf(asked));
  await requireDocker();
  const { settings, terraform } = await setUpToPlan(asked);
  const folders = await stackFolders(settings, catalog);
  const states = await readStates(settings, terraform, folders);
  if (!states.has("registry"))
    throw new UserError("The platform is not up, so nothing can have drifted", "Run `npm run up`.");
  const applied = appliedIn(states);
  const pending = changesBetween(applied, declaredBy(catalog));
  if (pending.length > 0)
    throw new UserError(
      `The catalog's files have changes that were not applied, of ${pending.map(({ service }) => service).join(", ")}`,
      "Run `npm run up` first, or read `npm run diff`: the two could not be told from each other.",
    );
  const outcomes: Outcome[] = [];
  for (const stack of folders) outcomes.push(await planOne(terraform, stack, true));
  const stacks = outcomes.map(({ plan }) => plan);
  const live = await (await connect(settings, terraform)).instances().catch((error: unknown) => {
    if (error instanceof UserError) return undefined;
    throw error;
  });
  const drifted = outcomes.flatMap(({ changes }) =>
    changes.map(({ name, action }) => ({ what: `${name} ${DRIFTED[action]}`, isGone: action === "create" })),
  );
  const report = {
    catalog: live === undefined ? [] : changesOf(comparable(settings, catalog, live), applied.definitions ?? []),
    stacks: live === undefined ? stacks.map(unreadable) : stacks,
    noticed: [],
    redirected: [],
    drifted: [...drifted.map(({ what }) => what), ...(await besideTerraform(settings, terraform, states, catalog))],
    refused: [],
    dangers: [],
  };
  return { report, drifted };
}

/** What drifted that Terraform does not see, each with its command: places in networks, dead ports, keys of no team. */
async function besideTerraform(
  settings: Settings,
  terraform: Terraform,
  states: ReadonlyMap<string, string>,
  catalog: Catalog,
): Promise<readonly string[]> {
  const standing = await readStanding(settings, appliedLayout(states), hostsOf(catalog));
  const foreign = await known(() => readForeignKeys(settings, terraform, catalog));
  const dead = await deadGatewayPorts(settings);
  const troubles = [...dead, ...judgeStanding(standing), ...(isUnknown(foreign) ? [] : judgeForeignKeys(foreign))];
  return troubles.filter(({ isNote }) => isNote !== true).map(({ what, remedy }) => `${what}. ${remedy}`);
}

/** Without Consul nobody knows what the registry holds. */
function unreadable(stack: StackPlan): StackPlan {
  return stack.name === "registry" ? nothing(stack.name, "unknown", "Consul does not answer").plan : stack;
}

/** What is with something that Terraform would create, update, replace or delete, though nothing was declared anew. */
const DRIFTED = {
  create: "is gone",
  update: "was changed",
  replace: "was changed, and would be made anew",
  delete: "is no longer declared",
} as const;

/**
 * What Consul has that was not applied, and the other way round. Of checks and weights it does not say how they were
 * declared, so they are left out of both where both have the service.
 */
function changesOf(live: readonly LiveInstance[], applied: readonly Definition[]): readonly Change[] {
  const found = live
    .filter(({ name }) => name !== "consul")
    .map(({ id, name, address, port, tags, meta }) => ({
      ...{ id, name, address, port, tags: [...tags], meta: sorted(meta), checks: [] },
    }));
  const there = new Set(found.map(({ id }) => id));
  const compared = applied
    // Consul sorts a service's meta, and a file need not.
    .map((each) => ({ ...each, meta: sorted(each.meta) }))
    .map((each) => (there.has(each.id) ? { ...each, weights: undefined, checks: [] } : each));
  // Nothing was read of a stranger's checks, so nothing is said of them either.
  const withoutChecks = (word: string) => word.replace(/, not checked$/, "");
  return changesBetween({ definitions: compared }, { definitions: found }).map((change) =>
    change.kind === "added" ? { ...change, words: change.words.map(withoutChecks) } : change,
  );
}

function sorted(meta: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(meta).sort(([a], [b]) => (a < b ? -1 : 1)));
}
