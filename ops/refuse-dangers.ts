import { changesBetween } from "../lib/catalog/changes";
import { declaredBy } from "../lib/catalog/declared";
import type { Catalog } from "../lib/catalog/types";
import type { Settings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import { appliedIn } from "./diff/applied";
import { dangersOf, removalDangers } from "./diff/dangers";
import { type Outcome, planOne } from "./diff/plan-platform";
import { unmeantRemovals } from "./diff/removals";
import type { Danger } from "./diff/report";
import { serverNumber } from "./servers/server-containers";
import type { SynthesizedStack } from "./synthesize";
import type { Terraform } from "./terraform";
import type { UpRecord } from "./up-record";

/** What `up` is about to apply. */
export interface Undertaking {
  readonly settings: Settings;
  readonly terraform: Terraform;
  readonly stacks: readonly SynthesizedStack[];
  /** Of each stack that was applied; secrets included, so for memory alone. */
  readonly states: ReadonlyMap<string, string>;
  readonly catalog: Catalog;
  /** What the last `up` left. */
  readonly record: UpRecord | undefined;
}

/** What was planned of a stack, by its name. */
export type Plans = ReadonlyMap<string, Outcome>;

/**
 * Before anything is applied: plans the stacks that can hold a danger, the foundation and the servers, and refuses what
 * `ROLLCALL_ALLOW` does not name. Servers that go because `ROLLCALL_SERVERS` asks for fewer are no danger: that is set.
 * @returns the plans that hold until their stacks are applied: none where the foundation changes
 * @throws UserError with each danger, and how to let it pass
 */
export async function refuseDangers(undertaking: Undertaking): Promise<Plans> {
  const { settings, terraform, stacks, states, catalog, record } = undertaking;
  // Of a platform that was never applied nothing can be lost.
  if (!states.has("foundation")) return new Map();
  const removals = unmeantRemovals(
    changesBetween(appliedIn(states), declaredBy(catalog)),
    catalog,
    settings.catalogFolder,
    record,
  );
  const allowed = new Set(settings.allow);
  const holders = stacks.filter(({ name }) => name === "foundation" || serverNumber(name) !== undefined);
  const plan = async (stack: SynthesizedStack) =>
    [stack.name, await planOne(terraform, stack, states.has(stack.name))] as const;
  const planned = new Map(await each(holders, plan, settings.backend === "local"));
  const changes = [...planned.values()].flatMap((outcome) => outcome.changes);
  refuse([...dangersOf(changes, [], allowed), ...removalDangers(removals, allowed)], settings);
  return planned.get("foundation")?.isStill === true ? planned : new Map();
}

/** @param atOnce PostgreSQL lets Terraform make the state of one stack at a time */
async function each<T, R>(items: readonly T[], work: (item: T) => Promise<R>, atOnce: boolean): Promise<R[]> {
  if (atOnce) return Promise.all(items.map(work));
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

/**
 * @param dangers those that a setting allows pass; a server's data needs Terraform's leave as well
 * @throws UserError
 */
export function refuse(dangers: readonly Danger[], { protect, allow }: Pick<Settings, "protect" | "allow">): void {
  const isFree = ({ id, isAllowed }: Danger) => isAllowed && (id !== "server-data" || !protect);
  const blocked = dangers.filter((danger) => !isFree(danger));
  if (blocked.length === 0) return;
  const needed = [...new Set([...allow, ...blocked.map(({ id }) => id)])].join(",");
  const leave = blocked.some(({ id }) => id === "server-data") && protect ? "ROLLCALL_PROTECT=off " : "";
  throw new UserError(
    ["This `up` is dangerous, and nothing was applied:", ...blocked.map(({ id, what }) => `  ${id}: ${what}`)].join(
      "\n",
    ),
    `\`npm run diff\` shows all that it would do. If you mean it: ${leave}ROLLCALL_ALLOW=${needed} npm run up`,
  );
}
