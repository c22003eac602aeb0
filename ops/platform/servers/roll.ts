import type { Settings } from "../../../lib/settings.js";
import { UserError } from "../../../lib/user-error.js";
import { stopIfInterrupted } from "../../cli/interrupt.js";
import type { ConsulApi } from "../../consul/api/consul-api.js";
import { connectAsAdmin } from "../../consul/connect.js";
import type { Outcome } from "../../report/diff/outcome.js";
import { planOne } from "../../report/diff/plan-platform.js";
import { type Applied, applyOne, NO_CHANGE, reportApplied } from "../../terraform/apply-all.js";
import type { Terraform } from "../../terraform/terraform.js";
import type { SynthesizedStack } from "../synthesize.js";
import type { Plans } from "../undertaking.js";
import { waitUntil } from "../wait-until.js";
import { unlessItCrashes } from "./crash-loop.js";
import { handOver } from "./hand-over.js";
import { removeDeadServers } from "./remove-servers.js";
import { type ServerContainer, serverContainers, serverNumber } from "./server-containers.js";
import { waitUntilWhole } from "./whole.js";
import { whileLeaving } from "./writes.js";

/** The health check of a server has come to a verdict by then: ten tries, 3 s apart. */
const VERDICT_WITHIN_SECONDS = 40;

export interface Roll {
  readonly settings: Settings;
  readonly terraform: Terraform;
  /** One a server. */
  readonly stacks: readonly SynthesizedStack[];
  /** What was planned of them a moment ago, by the stack's name; those that are not in it are planned at their step. */
  readonly plans: Plans;
  /** Applies the gateway, where Consul cannot be asked through it. */
  readonly mendGateway: () => Promise<unknown>;
  readonly report: (line: string) => void;
}

/** What applying a server's stack would change: nothing, something else than the server's container, or that container. */
export type StepEffect = "nothing" | "beside" | "server";

/** A server's stack that is to be applied. */
export interface RollStep {
  readonly stack: SynthesizedStack;
  readonly effect: StepEffect;
  /** Undefined where there is no container. */
  readonly container: ServerContainer | undefined;
}

/**
 * Applies the servers' stacks, one at a time. First the servers that are missing or unhealthy. Then the running ones, each only while
 * all servers are healthy, and the leader last, once another one leads.
 * @throws UserError where a server did not get healthy: those not reached yet are untouched
 */
export async function rollServers(roll: Roll): Promise<readonly Applied[]> {
  const { settings, terraform, report } = roll;
  const steps = await readSteps(roll);
  const applied: Applied[] = [];
  const apply = async ({ stack, container }: RollStep) => {
    stopIfInterrupted();
    const work = (giveUp: AbortSignal) => applyOne(terraform, stack, report, giveUp);
    applied.push(await unlessItCrashes(settings, `consul-${stack.name}`, container?.id, work));
  };
  const { unchanged, first, running } = sorted(steps);
  for (const step of unchanged) {
    // OpenTofu encrypts a state when it writes it, which an apply without any change does as well.
    if (terraform.isEncrypting) await apply(step);
    else applied.push(reportApplied(step.stack, NO_CHANGE, 0, report));
  }
  for (const step of first) await apply(step);
  if (running.length > 0) await replaceInTurn(roll, running, apply);
  return applied;
}

/** The steps by when they are taken; the order of the running servers depends on which one leads. */
export function sorted(steps: readonly RollStep[]) {
  const isRunning = ({ effect, container }: RollStep) => effect === "server" && container?.condition === "healthy";
  return {
    unchanged: steps.filter(({ effect }) => effect === "nothing"),
    first: steps.filter((step) => step.effect !== "nothing" && !isRunning(step)),
    running: steps.filter(isRunning),
  };
}

async function replaceInTurn(
  roll: Roll,
  running: readonly RollStep[],
  apply: (step: RollStep) => Promise<void>,
): Promise<void> {
  const consul = await reach(roll);
  await removeDeadServers({ ...roll, consul });
  const staying = roll.stacks.map(({ name }) => `consul-${name}`);
  let waiting = running;
  while (waiting.length > 0) {
    const health = await waitUntilWhole(consul, () => serverContainers(roll.settings), roll.report);
    const leader = health.servers.find(({ isLeader }) => isLeader)?.name;
    const next = nextOf(waiting, leader);
    if (next === undefined) return;
    const node = `consul-${next.stack.name}`;
    const heirs = staying.filter((name) => name !== node);
    await whileLeaving(roll.settings, node, async () => {
      // A single server has no other to hand over to.
      if (node === leader && heirs.length > 0) await handOver({ ...roll, consul, health, node, to: heirs });
      await apply(next);
    });
    waiting = waiting.filter((step) => step !== next);
  }
}

/** The next to be replaced: the leader when no other is left. */
export function nextOf(waiting: readonly RollStep[], leader: string | undefined): RollStep | undefined {
  return waiting.find(({ stack }) => `consul-${stack.name}` !== leader) ?? waiting[0];
}

/** The way to ask Consul; the gateway is put in order first where it is not. */
async function reach({ settings, terraform, mendGateway, report }: Roll): Promise<ConsulApi> {
  const consul = await connectAsAdmin(settings, terraform);
  try {
    await consul.status.leader();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    report("the gateway is repaired before the servers");
    await mendGateway();
  }
  return consul;
}

async function readSteps({ settings, terraform, stacks, plans }: Roll): Promise<readonly RollStep[]> {
  const containers = await settled(settings);
  // A fresh platform: everything is to be made, and Terraform need not be asked twice.
  if (containers.length === 0) return stacks.map((stack) => ({ stack, effect: "server", container: undefined }));
  // A plan that was made while a server was on its way down or up says nothing of how it is now.
  const isCalm = containers.length === stacks.length && containers.every(({ condition }) => condition === "healthy");
  const isUnchanged = ({ name }: SynthesizedStack) => isCalm && plans.get(name)?.isUnchanged === true;
  const plan = async (stack: SynthesizedStack): Promise<RollStep> => ({
    stack,
    effect: isUnchanged(stack) ? "nothing" : effectOf(stack, await planOne(terraform, stack, true)),
    container: containers.find(({ number }) => number === serverNumber(stack.name)),
  });
  // PostgreSQL lets Terraform make the state of one stack at a time.
  if (settings.backend === "local") return Promise.all(stacks.map(plan));
  const steps: RollStep[] = [];
  for (const stack of stacks) steps.push(await plan(stack));
  return steps;
}

/** A stack that cannot be planned counts as changed: the apply shows the error. */
function effectOf(stack: SynthesizedStack, { plan, changes, isUnchanged }: Outcome): StepEffect {
  if (plan.state !== "planned") return "server";
  if (isUnchanged) return "nothing";
  const isServer = ({ type, name }: { readonly type: string; readonly name: string }) =>
    type === "docker_container" && name.endsWith(`consul-${stack.name}`);
  return changes.some((change) => isServer(change) && change.action !== "update") ? "server" : "beside";
}

/** The servers' containers once each health check has come to a verdict. */
function settled(settings: Settings): Promise<readonly ServerContainer[]> {
  return waitUntil<readonly ServerContainer[], readonly ServerContainer[]>({
    seconds: VERDICT_WITHIN_SECONDS,
    pauseMs: 1000,
    look: async () => {
      const containers = await serverContainers(settings);
      const isOpen = containers.some(({ condition }) => condition === "starting");
      return isOpen ? { missing: containers } : { found: containers };
    },
    late: (containers) => containers,
  });
}
