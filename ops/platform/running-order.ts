import { isCarrierName, PARTS } from "../../lib/platform-names.js";
import type { DockerObject } from "../docker/docker-host.js";
import { serverNumber } from "./servers/server-containers.js";

/** Containers of a platform that are stopped, or started, in one step. */
export interface Step {
  /** What they are, for a line of progress. */
  readonly what: string;
  /** Seconds that Docker waits for each one to end by itself before it kills it. */
  readonly graceSeconds: number;
  /** In the order in which they are stopped. */
  readonly containers: readonly DockerObject[];
}

/** Consul writes nothing when it ends that takes long; the margin is for a busy disk. */
const SERVER_GRACE_SECONDS = 30;
/** As in `HardenedContainer`, which gives it to Terraform. */
const GRACE_SECONDS = 10;

/**
 * A platform's containers in the order in which they are stopped; started they are in the reverse order. Pure.
 *
 * What monitors and the registrar come first: the one would tell of everything that is stopped after it, the other would
 * keep a check as critical that fails only because its service is stopped. Then the gateway, so that nobody begins a
 * write; the agent, before it sees services end; the services; and the servers, of which the leader is the last, so that
 * stopping the others costs no election. Nothing leaves the cluster or is deregistered, and each write that was
 * acknowledged is on the disks of most servers.
 *
 * Carriers, which never run, are left out.
 * @param found everything of the platform on the Docker host
 * @param leader the container's name of the server that leads. @default - not known: the servers stop in the order of their numbers
 */
export function stopOrder(found: readonly DockerObject[], leader?: string): readonly Step[] {
  const containers = found.filter((thing) => thing.kind === "container" && !isCarrier(thing));
  return (["helpers", "gateway", "agent", "services", "servers"] as const)
    .map((wanted) => ({
      what: WORDS[wanted],
      graceSeconds: wanted === "servers" ? SERVER_GRACE_SECONDS : GRACE_SECONDS,
      containers: containers
        .filter((container) => rankOf(container) === wanted)
        .sort((a, b) => Number(a.name === leader) - Number(b.name === leader) || byNumber(a.name, b.name)),
    }))
    .filter((step) => step.containers.length > 0);
}

/** The same for a start: the servers first. Pure. */
export function startOrder(found: readonly DockerObject[]): readonly Step[] {
  return [...stopOrder(found)].reverse();
}

/** Whether these are a platform's containers, and none of those that should run does: somebody stopped it. Pure. */
export function isStopped(found: readonly DockerObject[]): boolean {
  const containers = stopOrder(found).flatMap((step) => step.containers);
  return containers.some((each) => rankOf(each) === "servers") && containers.every(({ state }) => state === "exited");
}

type Rank = "helpers" | "gateway" | "agent" | "services" | "servers";

const WORDS: Readonly<Record<Rank, string>> = {
  helpers: "the registrar, what monitors, and the scheduled backups",
  gateway: "the gateway",
  agent: "the shared agent",
  services: "the stand-ins",
  servers: "the servers",
};

/** By the label of its stack and the end of its name: whatever `ROLLCALL_PREFIX` says now, it is what it was made as. */
function rankOf({ name, stack }: DockerObject): Rank {
  if (serverNumber(stack) !== undefined) return "servers";
  const is = (...parts: readonly string[]) => stack !== WORKLOADS && parts.some((part) => name.endsWith(part));
  if (stack === MONITORING || is(PARTS.registrar, PARTS.monitor, PARTS.backup)) return "helpers";
  if (is(PARTS.gateway, PARTS.legacy)) return "gateway";
  // The prober is checked by the agent, as a service is.
  return is(PARTS.agent) ? "agent" : "services";
}

/** The stack of Prometheus and of what it asks. */
const MONITORING = "monitoring";

/** The stack of the stand-ins, which have the names of services. */
const WORKLOADS = "workloads";

function isCarrier({ name, stack }: DockerObject): boolean {
  return stack !== WORKLOADS && isCarrierName(name);
}

function byNumber(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}
