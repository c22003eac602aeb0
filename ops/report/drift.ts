import { changesBetween } from "../../lib/catalog/changes.js";
import { declaredBy } from "../../lib/catalog/declared.js";
import { readCatalog } from "../../lib/catalog/read-catalog.js";
import type { Catalog } from "../../lib/catalog/types.js";
import type { Settings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { connect } from "../consul/connect.js";
import { judgeForeignKeys, readForeignKeys } from "../consul/foreign-keys.js";
import { requireDocker } from "../docker/require-docker.js";
import { refuseForgotten } from "../platform/forgotten.js";
import { deadGatewayPorts } from "../platform/gateway-ports.js";
import { appliedLayout } from "../platform/places/layout.js";
import { hostsOf, judgeStanding, readStanding } from "../platform/places/standing.js";
import { RememberedPlans } from "../platform/remembered/remembered-plans.js";
import { isUnknown, resultOf } from "../platform/result.js";
import { setUpToPlan } from "../platform/tools.js";
import { recordOf } from "../platform/up-record.js";
import { readStates } from "../terraform/states.js";
import type { Terraform } from "../terraform/terraform.js";
import { comparable } from "./compare.js";
import { appliedIn } from "./diff/applied.js";
import type { Outcome } from "./diff/outcome.js";
import { nothing, planUnlessRemembered, stackFolders } from "./diff/plan-platform.js";
import type { Report, StackPlan } from "./diff/report.js";
import { driftedServices } from "./drifted-services.js";

/** Something that is otherwise than it was applied. */
export interface Drifted {
  /** What it is, and what is with it. */
  readonly what: string;
  /** Whether it is not there any more. */
  readonly isGone: boolean;
}

/**
 * @param remembers whether a stack that stands as its last plan found it is not planned again. @default false
 * @throws UserError where the platform was never applied, settings are missing, or the catalog's files have changes that were not
 */
export async function readDrift(
  asked: Settings,
  remembers = false,
): Promise<{ readonly report: Report; readonly drifted: readonly Drifted[] }> {
  const catalog = readCatalog(asked.catalogFolder);
  refuseForgotten(await recordOf(asked));
  await requireDocker();
  const { settings, terraform } = await setUpToPlan(asked);
  const folders = await stackFolders(settings, catalog);
  const states = await readStates(settings, terraform, folders);
  if (!states.has("registry"))
    throw new UserError("The platform is not up, so nothing can have drifted", "Run `npx rollcall up`.");
  const applied = appliedIn(states);
  const pending = changesBetween(applied, declaredBy(catalog));
  if (pending.length > 0)
    throw new UserError(
      `The catalog's files have changes that were not applied, of ${pending.map(({ service }) => service).join(", ")}`,
      "Run `npx rollcall up` first, or read `npx rollcall diff`: the two could not be told from each other.",
    );
  const outcomes: Outcome[] = [];
  const remembered = remembers
    ? await RememberedPlans.read({ settings, terraform, stacks: folders, states })
    : RememberedPlans.none();
  for (const stack of folders) outcomes.push(await planUnlessRemembered(terraform, stack, true, remembered));
  remembered.save();
  const stacks = outcomes.map(({ plan }) => plan);
  const live = await (await connect(settings, terraform)).catalog.instances().catch((error: unknown) => {
    if (error instanceof UserError) return undefined;
    throw error;
  });
  const drifted = outcomes.flatMap(({ changes }) =>
    changes.map(({ name, action }) => ({ what: `${name} ${DRIFTED[action]}`, isGone: action === "create" })),
  );
  const report = {
    catalog: live === undefined ? [] : driftedServices(applied.definitions ?? [], comparable(settings, catalog, live)),
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
  const foreign = await resultOf(() => readForeignKeys(settings, terraform, catalog));
  const dead = await deadGatewayPorts(settings);
  const problems = [...dead, ...judgeStanding(standing), ...(isUnknown(foreign) ? [] : judgeForeignKeys(foreign))];
  return problems.filter(({ isNote }) => isNote !== true).map(({ what, remedy }) => `${what}. ${remedy}`);
}

/** Without Consul the content of the registry is unknown. */
function unreadable(stack: StackPlan): StackPlan {
  return stack.name === "registry" ? nothing(stack.name, "unknown", "Consul does not answer").plan : stack;
}

/** What is with something that Terraform would create, update, replace or delete, though nothing was declared again. */
const DRIFTED = {
  create: "is gone",
  update: "was changed",
  replace: "was changed, and would be recreated",
  delete: "is no longer declared",
} as const;
