import { type Settings, settingName } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { few } from "../cli/few.js";
import { type DockerObject, docker, type Kind, listAll, lookAgain, remove } from "../docker/docker-host.js";
import type { Problem } from "../report/problem.js";
import { refuseBroken } from "../terraform/state-files.js";
import { readEveryState } from "../terraform/states.js";
import type { Terraform } from "../terraform/terraform.js";
import { isFree } from "./free-ports.js";
import { heldPorts, portsOf } from "./gateway-ports.js";
import { declaredLayout } from "./places/layout.js";
import { readStanding, type Standing } from "./places/standing.js";
import { expel } from "./places/strangers.js";
import { type RefuseRemoval, surplusServers } from "./servers/surplus.js";
import { judgeStrays, lostProblems, readSighting } from "./strays.js";
import type { SynthesizedStack } from "./synthesize.js";
import type { UpRecord } from "./up-record.js";

/**
 * Looks at the Docker host before anything is changed: refuses where a name, a port or a subnet that the platform
 * needs is somebody else's, or where a state is damaged or lost, and removes what an interrupted run made of ours and
 * could not write down.
 * @param record what the last `up` left
 * @returns the state of each stack that was applied; secrets included, so for memory alone
 */
export async function preflight(
  settings: Settings,
  terraform: Terraform,
  stacks: readonly SynthesizedStack[],
  report: (line: string) => void,
  refuseRemoval: RefuseRemoval,
  record: UpRecord | undefined,
): Promise<ReadonlyMap<string, string>> {
  const kinds: readonly Kind[] = ["container", "network", "volume"];
  const found = (await Promise.all(kinds.map(listAll))).flat();
  refuseForeign(settings, wanted(stacks, found));
  // Before anything is judged by what the states know.
  const { texts, states, broken } = await readEveryState(settings, terraform, stacks);
  refuseBroken(broken, ". Nothing was changed");
  refuseMissingNetworks(settings, found);
  refuseStrangers(await readStanding(settings, declaredLayout(stacks), []));
  await refuseTakenSubnets(settings);
  await refuseTakenPorts(settings, new Set((await heldPorts(settings)).values()));
  const surplus = surplusServers(settings, found, states.keys());
  refuseRemoval(settings, surplus);
  // Of a server that goes the state is read no more; what is left of it goes with it.
  const isSurplus = (stack: string) => surplus.some((number) => stack === `server-${number}`);
  const lasting = found.filter(({ stack }) => !isSurplus(stack));
  const owned = lasting.filter(({ instance }) => instance === settings.instance);
  const strays = judgeStrays(await readSighting(settings, owned, states, record));
  refuseLost(lostProblems(settings, strays));
  await removeLeftovers(settings, strays.leftovers, report);
  return texts;
}

/** What stands on the host under a name that the platform asks for. */
function wanted(stacks: readonly SynthesizedStack[], found: readonly DockerObject[]): readonly DockerObject[] {
  return found.filter(({ kind, name }) => stacks.some(({ names }) => names[kind].includes(name)));
}

function refuseForeign(settings: Settings, found: readonly DockerObject[]): void {
  const foreign = found.filter(({ instance }) => instance !== settings.instance);
  const [first] = foreign;
  if (first === undefined) return;
  const platform = foreign.find(({ instance }) => instance !== "")?.instance;
  if (platform !== undefined)
    throw new UserError(
      `The platform ${platform} of another clone is on this Docker host (${first.kind} ${first.name})`,
      `Run \`npx rollcall down\` in that clone (where it is gone: \`npx rollcall down ${platform}\` here), or give this one ` +
        "names, ports and subnets of its own (ROLLCALL_PREFIX, ROLLCALL_HTTP_PORT, ROLLCALL_HTTPS_PORT, ROLLCALL_CONTROL_SUBNET, ROLLCALL_PLATFORM_SUBNET; with ROLLCALL_MONITORING also ROLLCALL_MONITORING_SUBNET).",
    );
  throw new UserError(
    `There is a ${first.kind} named ${first.name} on this Docker host that Rollcall did not make`,
    `Rename or remove it (docker ${first.kind} rm ${first.name}), or set ROLLCALL_PREFIX.`,
  );
}

function refuseMissingNetworks({ networks }: Settings, found: readonly DockerObject[]): void {
  const missing = networks.filter((wanted) => !found.some(({ kind, name }) => kind === "network" && name === wanted));
  if (missing.length > 0)
    throw new UserError(
      `${settingName("networks")} names ${missing.join(", ")}, and this Docker host has no such network`,
      "Start the services first, or correct the name: `docker network ls` shows all.",
    );
}

/**
 * Refuses where somebody else's container stands where one of the platform's must: at its address, or under its name. Of two
 * that answer to one name each is found half of the time. A second one under a stand-in's name keeps nothing from being
 * applied; `up` ends with it.
 */
export function refuseStrangers({ squatting, doubling }: Pick<Standing, "squatting" | "doubling">): void {
  const [squatter] = squatting;
  if (squatter !== undefined) {
    const { container, network, has, of, isGone } = squatter;
    throw new UserError(
      `${isGone ? "Docker kept for the container" : "The container"} ${container}${isGone ? ", which is gone," : " has"} the address ${few(has)} on the network ${network}, which is ${of}'s`,
      `Take it off that network (\`${expel(squatter)}\`) and run it again.`,
    );
  }
  const double = doubling.find(({ isPart }) => isPart);
  if (double !== undefined)
    throw new UserError(
      `The container ${double.container} answers to ${few(double.has)} on the network ${double.network}, as the platform would`,
      `Stop it first (\`docker stop ${double.container}\`), or take it off that network (\`${expel(double)}\`).`,
    );
}

async function refuseTakenSubnets(settings: Settings): Promise<void> {
  const text = await lookAgain(async () => {
    const others = (await listAll("network")).filter(({ instance }) => instance !== settings.instance);
    const format = "{{.Name}}{{range .IPAM.Config}} {{.Subnet}}{{end}}";
    return others.length === 0 ? "" : docker(["network", "inspect", "--format", format, ...others.map(({ id }) => id)]);
  });
  const wantedSubnets = {
    ROLLCALL_CONTROL_SUBNET: settings.controlSubnet,
    ROLLCALL_PLATFORM_SUBNET: settings.platformSubnet,
    ...(settings.monitoring ? { ROLLCALL_MONITORING_SUBNET: settings.monitoringSubnet } : {}),
  };
  for (const line of text.split("\n")) {
    const [name, ...subnets] = line.split(" ");
    for (const [setting, subnet] of Object.entries(wantedSubnets))
      if (subnets.some((other) => overlap(subnet, other)))
        throw new UserError(
          `The Docker network ${name} has the subnet ${subnet} already`,
          `Set ${setting} to a free /24.`,
        );
  }
}

/** Whether two IPv4 subnets in CIDR notation share an address. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [range(one), range(other)];
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last;
}

function range(cidr: string): { first: number; last: number } | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr);
  if (match === null) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = match.slice(1).map(Number);
  const size = 2 ** (32 - bits);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const first = address - (address % size);
  return { first, last: first + size - 1 };
}

/** @param held what the platform's gateway has itself */
export async function refuseTakenPorts(
  settings: Pick<Settings, "httpPort" | "httpsPort">,
  held: ReadonlySet<number>,
): Promise<void> {
  for (const { setting, port } of portsOf(settings))
    if (!held.has(port) && !(await isFree(port)))
      throw new UserError(
        `Port ${port} on 127.0.0.1 is taken`,
        `End what listens there (\`ss -ltnp 'sport = :${port}'\` names it), or set ${setting} to a free port.`,
      );
}

/** @throws UserError where something belongs to the platform that no state knows */
function refuseLost(problems: readonly Problem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const others =
    problems.length === 1
      ? ""
      : `; and so with ${problems.length - 1} more stacks, which \`npx rollcall doctor\` names`;
  const what = `${first.what.charAt(0).toUpperCase()}${first.what.slice(1)}`;
  throw new UserError(
    `${first.what.startsWith("the ") ? what : first.what}${others}. Nothing was changed`,
    first.remedy,
  );
}

/** A run that was killed may have made a container that no state knows; its name would stop the next apply. */
async function removeLeftovers(
  settings: Settings,
  leftovers: readonly DockerObject[],
  report: (line: string) => void,
): Promise<void> {
  for (const kind of ["container", "network"] as const) {
    const some = leftovers.filter((thing) => thing.kind === kind);
    const [first] = some;
    if (first === undefined) continue;
    // Of a state that others reach, another clone may be making it at this moment.
    if (settings.backend !== "local")
      throw new UserError(
        `The ${kind} ${first.name} is on this Docker host and in no state: another run makes it now, or one was cut off`,
        `Wait until the other run has ended. If there is none, \`docker ${kind} rm ${kind === "container" ? "-f " : ""}${first.name}\` and run it again.`,
      );
    report(`removing what an interrupted run left: ${some.map(({ name }) => name).join(", ")}`);
    await remove(kind, some);
  }
}
