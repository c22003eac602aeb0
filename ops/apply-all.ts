import { unhealthy } from "./docker-host";
import { stopIfInterrupted } from "./interrupt";
import type { SynthesizedStack } from "./synthesize";
import type { Changes, Terraform } from "./terraform";

/** What one stack's apply came to. */
export interface Applied extends Changes {
  readonly stack: string;
  readonly seconds: number;
}

/**
 * Applies every stack as soon as what it stands on is applied. A failure lets what is under way come to its end,
 * starts nothing new, and is thrown then.
 * @param inTurn one after the other: PostgreSQL lets Terraform make the state of one stack at a time
 */
export async function applyAll(
  terraform: Terraform,
  stacks: readonly SynthesizedStack[],
  report: (line: string) => void,
  inTurn: boolean,
): Promise<readonly Applied[]> {
  const applied: Applied[] = [];
  let failure: unknown;
  const promises = new Map<string, Promise<void>>();
  const start = (stack: SynthesizedStack): Promise<void> => {
    const known = promises.get(stack.name);
    if (known !== undefined) return known;
    const before = stacks.filter(({ name }) => stack.dependencies.includes(name));
    const promise = Promise.all(before.map(start)).then(async () => {
      if (failure !== undefined) return;
      try {
        stopIfInterrupted();
        applied.push(await applyOne(terraform, stack, report));
      } catch (error) {
        failure ??= error;
      }
    });
    promises.set(stack.name, promise);
    return promise;
  };
  if (inTurn) for (const stack of stacks) await start(stack);
  else await Promise.all(stacks.map(start));
  if (failure !== undefined) throw failure;
  return applied;
}

async function applyOne(
  terraform: Terraform,
  stack: SynthesizedStack,
  report: (line: string) => void,
): Promise<Applied> {
  const begun = Date.now();
  const told = (line: string) => {
    if (process.stderr.isTTY) report(`  ${stack.name}: ${line}`);
  };
  const changes = await terraform.apply(stack.name, stack.folder, told).catch(async (error: unknown) => {
    for (const line of await unhealthy(stack.names.container)) report(`  ${line}`);
    throw error;
  });
  const seconds = (Date.now() - begun) / 1000;
  const { add, change, remove } = changes;
  const sum = add + change + remove === 0 ? "no change" : `${add} added, ${change} changed, ${remove} destroyed`;
  report(`${stack.name.padEnd(10)}  ${sum} (${seconds.toFixed(1)} s)`);
  return { ...changes, stack: stack.name, seconds };
}
