import { setTimeout as sleep } from "node:timers/promises";
import type { Settings } from "../../lib/settings";
import { UserError } from "../../lib/user-error";
import { type Applied, applyOne, NO_CHANGE, tellApplied } from "../apply-all";
import { type Outcome, planOne } from "../diff/plan-platform";
import { stopIfInterrupted } from "../interrupt";
import type { Plans } from "../refuse-dangers";
import type { SynthesizedStack } from "../synthesize";
import type { Terraform } from "../terraform";
import { unlessItCrashes } from "./crash-loop";
import { handOver } from "./hand-over";
import { type Operator, operatorOf } from "./operator";
import { removeDeadServers } from "./remove-servers";
import { type ServerContainer, serverContainers, serverNumber } from "./server-containers";
import { waitUntilWhole } from "./whole";
import { whileLeaving } from "./writes";

/** The health check of a server has come to a verdict by then: ten tries, 3 s apart. */
const VERDICT_WITHIN_SECONDS = 40;

export interface Roll {
  readonly settings: Settings;
  readonly terraform: Terraform;
  /** One a server. */
  readonly stacks: readonly SynthesizedStack[];
  /** What was planned of them a moment ago, by the stack's name; those that are not in it are planned when it is their turn. */
  readonly plans: Plans;
  /** Applies the gateway, where Consul cannot be asked through it. */
  readonly mendGateway: () => Promise<unknown>;
  readonly report: (line: string) => void;
}

/** What an apply of a server's stack would do: nothing, something beside the server, or something to the server. */
export type Touch = "nothing" | "beside" | "server";

/** A server's stack before its turn. */
export interface Turn {
  readonly stack: SynthesizedStack;
  readonly touch: Touch;
  /** Undefined where there is no container. */
  readonly container: ServerContainer | undefined;
}

/**
 * Applies the servers' stacks, one at a time. First what is missing or ill, which takes nothing from the others; then,
 * each only while all servers are healthy, those that run, the leader last and not before another one leads.
 * @throws UserError where a server did not get healthy: those not reached yet are untouched
 */
export async function rollServers(roll: Roll): Promise<readonly Applied[]> {
  const { settings, terraform, report } = roll;
  const turns = await readTurns(roll);
  const applied: Applied[] = [];
  const apply = async ({ stack, container }: Turn) => {
    stopIfInterrupted();
    const work = (giveUp: AbortSignal) => applyOne(terraform, stack, report, giveUp);
    applied.push(await unlessItCrashes(settings, `consul-${stack.name}`, container?.id, work));
  };
  const { still, first, running } = sorted(turns);
  for (const turn of still) {
    // OpenTofu encrypts a state when it writes it, which an apply without any change does as well.
    if (terraform.isEncrypting) await apply(turn);
    else applied.push(tellApplied(turn.stack, NO_CHANGE, 0, report));
  }
  for (const turn of first) await apply(turn);
  if (running.length > 0) await replaceInTurn(roll, running, apply);
  return applied;
}

/** The turns in the order in which they are taken; that of the running ones depends on who leads. */
export function sorted(turns: readonly Turn[]) {
  const isRunning = ({ touch, container }: Turn) => touch === "server" && container?.condition === "healthy";
  return {
    still: turns.filter(({ touch }) => touch === "nothing"),
    first: turns.filter((turn) => turn.touch !== "nothing" && !isRunning(turn)),
    running: turns.filter(isRunning),
  };
}

async function replaceInTurn(
  roll: Roll,
  running: readonly Turn[],
  apply: (turn: Turn) => Promise<void>,
): Promise<void> {
  const operator = await reach(roll);
  await removeDeadServers({ ...roll, operator });
  const staying = roll.stacks.map(({ name }) => `consul-${name}`);
  let waiting = running;
  while (waiting.length > 0) {
    const health = await waitUntilWhole(operator, () => serverContainers(roll.settings), roll.report);
    const leader = health.servers.find(({ isLeader }) => isLeader)?.name;
    const next = nextOf(waiting, leader);
    if (next === undefined) return;
    const node = `consul-${next.stack.name}`;
    const heirs = staying.filter((name) => name !== node);
    await whileLeaving(roll.settings, node, async () => {
      // A single server has nobody to hand over to.
      if (node === leader && heirs.length > 0) await handOver({ ...roll, operator, health, node, to: heirs });
      await apply(next);
    });
    waiting = waiting.filter((turn) => turn !== next);
  }
}

/** The next to be replaced: the leader when no other is left. */
export function nextOf(waiting: readonly Turn[], leader: string | undefined): Turn | undefined {
  return waiting.find(({ stack }) => `consul-${stack.name}` !== leader) ?? waiting[0];
}

/** The way to ask Consul; the gateway is put in order first where it is not. */
async function reach({ settings, terraform, mendGateway, report }: Roll): Promise<Operator> {
  const operator = await operatorOf(settings, terraform);
  try {
    await operator.leader();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    report("the gateway is put in order before the servers are");
    await mendGateway();
  }
  return operator;
}

async function readTurns({ settings, terraform, stacks, plans }: Roll): Promise<readonly Turn[]> {
  const containers = await settled(settings);
  // A fresh platform: everything is to be made, and Terraform need not be asked twice.
  if (containers.length === 0) return stacks.map((stack) => ({ stack, touch: "server", container: undefined }));
  // A plan that was made while a server was on its way down or up says nothing of how it is now.
  const isCalm = containers.length === stacks.length && containers.every(({ condition }) => condition === "healthy");
  const isStill = ({ name }: SynthesizedStack) => isCalm && plans.get(name)?.isStill === true;
  const plan = async (stack: SynthesizedStack): Promise<Turn> => ({
    stack,
    touch: isStill(stack) ? "nothing" : touchOf(stack, await planOne(terraform, stack, true)),
    container: containers.find(({ number }) => number === serverNumber(stack.name)),
  });
  // PostgreSQL lets Terraform make the state of one stack at a time.
  if (settings.backend === "local") return Promise.all(stacks.map(plan));
  const turns: Turn[] = [];
  for (const stack of stacks) turns.push(await plan(stack));
  return turns;
}

/** What cannot be planned is taken for a change: the apply tells why. */
function touchOf(stack: SynthesizedStack, { plan, changes, isStill }: Outcome): Touch {
  if (plan.state !== "planned") return "server";
  if (isStill) return "nothing";
  const isServer = ({ type, name }: { readonly type: string; readonly name: string }) =>
    type === "docker_container" && name.endsWith(`consul-${stack.name}`);
  return changes.some((change) => isServer(change) && change.action !== "update") ? "server" : "beside";
}

/** The servers' containers once each health check has come to a verdict. */
async function settled(settings: Settings): Promise<readonly ServerContainer[]> {
  const begun = Date.now();
  for (;;) {
    stopIfInterrupted();
    const containers = await serverContainers(settings);
    const isOpen = containers.some(({ condition }) => condition === "starting");
    if (!isOpen || Date.now() - begun > VERDICT_WITHIN_SECONDS * 1000) return containers;
    await sleep(1000);
  }
}
