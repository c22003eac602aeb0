import { stopIfInterrupted } from "../cli/interrupt.js";
import { unhealthy } from "../docker/docker-host.js";
import type { SynthesizedStack } from "../platform/synthesize.js";
import type { Changes, Terraform } from "./terraform.js";

/** What one stack's apply came to. */
export interface Applied extends Changes {
  readonly stack: string;
  readonly seconds: number;
}

/** What an apply comes to that need not be done. */
export const NO_CHANGE: Changes = { add: 0, change: 0, remove: 0 };

/** One or more stacks that are applied by one piece of work. */
export interface Step {
  readonly stacks: readonly SynthesizedStack[];
  readonly work: () => Promise<readonly Applied[]>;
}

/**
 * Does every step as soon as what its stacks stand on is applied. A failure lets what is under way come to its end,
 * starts nothing new, and is thrown then.
 * @param inTurn one after the other: PostgreSQL lets Terraform make the state of one stack at a time
 */
export async function applyAll(steps: readonly Step[], inTurn: boolean): Promise<readonly Applied[]> {
  const applied: Applied[] = [];
  let failure: unknown;
  const promises = new Map<Step, Promise<void>>();
  const start = (step: Step): Promise<void> => {
    const known = promises.get(step);
    if (known !== undefined) return known;
    const wanted = step.stacks.flatMap(({ dependencies }) => dependencies);
    const before = steps.filter((each) => each !== step && each.stacks.some(({ name }) => wanted.includes(name)));
    const promise = Promise.all(before.map(start)).then(async () => {
      if (failure !== undefined) return;
      try {
        stopIfInterrupted();
        applied.push(...(await step.work()));
      } catch (error) {
        failure ??= error;
      }
    });
    promises.set(step, promise);
    return promise;
  };
  if (inTurn) for (const step of steps) await start(step);
  else await Promise.all(steps.map(start));
  if (failure !== undefined) throw failure;
  return applied;
}

/**
 * Applies one stack and says what that came to.
 * @param giveUp ends it early, as a failure
 */
export async function applyOne(
  terraform: Terraform,
  stack: SynthesizedStack,
  report: (line: string) => void,
  giveUp?: AbortSignal,
): Promise<Applied> {
  const begun = Date.now();
  const options = giveUp === undefined ? {} : { giveUp };
  const told = (line: string) => {
    if (process.stderr.isTTY) report(`  ${stack.name}: ${line}`);
  };
  const changes = await terraform.apply(stack.name, stack.folder, told, options).catch(async (error: unknown) => {
    // What failed is told whatever becomes of the containers meanwhile.
    const sick = await unhealthy(stack.names.container).catch(() => []);
    for (const line of sick) report(`  ${line}`);
    throw error;
  });
  return reportApplied(stack, changes, (Date.now() - begun) / 1000, report);
}

/** The line of a stack that was applied, or need not be. */
export function reportApplied(
  { name }: SynthesizedStack,
  changes: Changes,
  seconds: number,
  report: (line: string) => void,
): Applied {
  const { add, change, remove } = changes;
  const sum = add + change + remove === 0 ? "no change" : `${add} added, ${change} changed, ${remove} destroyed`;
  report(`${name.padEnd(10)}  ${sum} (${seconds.toFixed(1)} s)`);
  return { ...changes, stack: name, seconds };
}
