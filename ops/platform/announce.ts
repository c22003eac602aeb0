import { changesBetween } from "../../lib/catalog/changes.js";
import { declaredBy } from "../../lib/catalog/declared.js";
import { confirm, isSomebodyThere } from "../cli/confirm.js";
import { connect } from "../consul/connect.js";
import { appliedIn } from "../report/diff/applied.js";
import { dangersOf, removalDangers } from "../report/diff/dangers.js";
import type { Outcome } from "../report/diff/outcome.js";
import { inOrder, nothing, planUnlessRemembered, reportOf, stillHealthy } from "../report/diff/plan-platform.js";
import { planSurplus } from "../report/diff/plan-surplus.js";
import { unmeantRemovals } from "../report/diff/removals.js";
import { counts, isChanged, type Report, render } from "../report/diff/report.js";
import { redirectedNow } from "./redirects.js";
import { blockedOf, refuse } from "./refuse-dangers.js";
import { RememberedPlans } from "./remembered/remembered-plans.js";
import { isUnknown, resultOf } from "./result.js";
import { serverNumber } from "./servers/server-containers.js";
import type { SynthesizedStack } from "./synthesize.js";
import type { Plans, Undertaking } from "./undertaking.js";

/** Of an added service `diff` shows every field: these many fit a screen or two. */
const MOST_SERVICES = 10;

/**
 * Before anything is applied: plans every stack, says what will change in the words of `diff`, and asks where something of it
 * is dangerous. A platform that was never applied is not planned: all of it is new. What needs Consul is left out while Consul
 * does not answer.
 * @param options.yes whether a question is answered beforehand (`--yes`)
 * @param options.full whether every stack is planned (`--full`)
 * @returns the plans that hold until their stacks are applied
 * @throws UserError where the answer is no, where nobody is there to answer and `ROLLCALL_ALLOW` does not let it pass, and
 *   where servers' data would go while `ROLLCALL_PROTECT` is on
 */
export async function announce(
  undertaking: Undertaking,
  { yes, full }: { readonly yes: boolean; readonly full: boolean },
): Promise<Plans> {
  const { settings, terraform, stacks, states, catalog, record } = undertaking;
  const outcomes = await planEach(undertaking, full);
  const inTurn = inOrder(stacks).flatMap(({ name }) => outcomes.get(name) ?? []);
  const all = [...inTurn, ...(await planSurplus(settings, states.keys()))];
  const applied = appliedIn(states);
  const changes = changesBetween(applied, declaredBy(catalog));
  const allowed = new Set(settings.allow);
  const isTerminal = isSomebodyThere();
  // A service that is removed as its team's file says is a question for a person, and nothing that a job stops at.
  const alive = isTerminal && !yes ? await stillHealthy(settings, terraform, changes) : [];
  const removals = unmeantRemovals(changes, catalog, settings.catalogFolder, record);
  const report = reportOf(stacks, all, {
    catalog: changes,
    redirected: await redirectedNow(settings, applied, catalog),
    refused: [],
    dangers: [
      // Servers that go because `ROLLCALL_SERVERS` asks for fewer are shown, and no danger: that is set.
      ...dangersOf(
        inTurn.flatMap((outcome) => outcome.changes),
        alive,
        allowed,
      ),
      ...(states.has("foundation") ? removalDangers(removals, allowed) : []),
    ],
  });
  const blocked = blockedOf(report.dangers, settings);
  const needsProtectOff = settings.protect && blocked.some(({ id }) => id === "server-data");
  if (needsProtectOff || (!isTerminal && !yes)) refuse(report.dangers, settings);
  if (saysSomething(report)) console.log(`${describeUp(report)}\n`);
  if (blocked.length > 0) await confirm("Apply it all the same?", yes, "npx rollcall up --yes");
  return holding(stacks, outcomes);
}

/** What will change, as `diff` says it; of many services their number. Pure. */
export function describeUp(report: Report): string {
  const { catalog } = report;
  if (catalog.length <= MOST_SERVICES) return render(report, "text");
  const counted = `Services: ${counts(catalog).join(", ")}. Before an \`up\`, \`npx rollcall diff\` shows each one.`;
  return render({ ...report, catalog: [] }, "text", counted);
}

function saysSomething({ catalog, stacks, redirected, dangers }: Report): boolean {
  return (
    catalog.length + redirected.length + dangers.length > 0 ||
    stacks.some((stack) => isChanged(stack) || stack.state === "unknown")
  );
}

/**
 * The plans that still hold when it is their stacks' turn. A stack that changes may change what the stacks give that stand on
 * it. Servers take nothing of each other but their order. Pure.
 */
export function holding(stacks: readonly Pick<SynthesizedStack, "name" | "dependencies">[], outcomes: Plans): Plans {
  const areUnchanged = (names: readonly string[]): boolean =>
    names.every((name) => outcomes.get(name)?.isUnchanged === true && areUnchanged(below(name)));
  const below = (name: string) => stacks.find((stack) => stack.name === name)?.dependencies ?? [];
  const needed = (name: string) => (serverNumber(name) === undefined ? below(name) : ["foundation"]);
  return new Map([...outcomes].filter(([name]) => areUnchanged(needed(name))));
}

/** A plan a stack. @param full whether also a stack is planned that stands as its last plan found it */
async function planEach(undertaking: Undertaking, full: boolean): Promise<ReadonlyMap<string, Outcome>> {
  const { settings, terraform, stacks, states } = undertaking;
  if (!states.has("foundation")) return new Map(stacks.map(({ name }) => [name, nothing(name, "new")]));
  const remembered = full ? RememberedPlans.none() : await RememberedPlans.read(undertaking);
  const plan = (stack: SynthesizedStack) => planUnlessRemembered(terraform, stack, states.has(stack.name), remembered);
  const isWithConsul = ({ dependencies }: SynthesizedStack): boolean =>
    dependencies.some((name) => name === "gateway" || stacks.some((each) => each.name === name && isWithConsul(each)));
  const later = stacks.filter(isWithConsul);
  const first = stacks.filter((stack) => !later.includes(stack));
  const atOnce = settings.backend === "local";
  const planned = await inPairs(first, plan, atOnce);
  const leader = await resultOf(async () => (await connect(settings, terraform)).status.requireLeader());
  const leaveOut = async ({ name }: SynthesizedStack) =>
    states.has(name) ? nothing(name, "unknown", "planned when Consul answers") : nothing(name, "new");
  const all = [...planned, ...(await inPairs(later, isUnknown(leader) ? leaveOut : plan, atOnce))];
  remembered.save();
  return new Map(all);
}

/** @param atOnce PostgreSQL lets Terraform make the state of one stack at a time */
async function inPairs(
  stacks: readonly SynthesizedStack[],
  work: (stack: SynthesizedStack) => Promise<Outcome>,
  atOnce: boolean,
): Promise<readonly (readonly [string, Outcome])[]> {
  const pair = async (stack: SynthesizedStack) => [stack.name, await work(stack)] as const;
  if (atOnce) return Promise.all(stacks.map(pair));
  const pairs: (readonly [string, Outcome])[] = [];
  for (const stack of stacks) pairs.push(await pair(stack));
  return pairs;
}
