import { needsProber } from "../../lib/catalog/checks.js";
import type { Service } from "../../lib/catalog/types.js";
import { AGENT_NODE, clusterOf } from "../../lib/consul/cluster.js";
import { needsApplicationMetrics } from "../../lib/consul/monitoring/application-metrics-config.js";
import { PARTS, serverName } from "../../lib/platform-names.js";
import { PROBER } from "../../lib/prober.js";
import type { Settings } from "../../lib/settings.js";
import type { DockerObject } from "../docker/docker-host.js";

/** A container of the platform that is no stand-in, under the name that an operator calls it by. */
export interface Part {
  /** `server-1`, `agent`, `registrar`, `gateway`, … */
  readonly name: string;
  /** Its container's name on the Docker host, without prefix. Of a server, also Consul's node name. */
  readonly container: string;
  readonly isServer: boolean;
  /** False for a part that runs but is no longer declared. */
  readonly isDeclared: boolean;
}

/** Parts that are there or should be: those that the settings and the catalog ask for, then what else is found. Pure. */
export function partsOf(
  settings: Pick<
    Settings,
    | "datacenter"
    | "servers"
    | "controlSubnet"
    | "coexist"
    | "backupEverySeconds"
    | "monitor"
    | "monitoring"
    | "prefix"
    | "instance"
  >,
  services: readonly Service[],
  found: readonly DockerObject[],
): readonly Part[] {
  const { servers } = clusterOf(settings.datacenter, settings.servers, settings.controlSubnet);
  const declared = [
    ...servers.map(({ name }) => name),
    AGENT_NODE,
    PARTS.registrar,
    PARTS.gateway,
    ...(needsProber(services) ? [PROBER.host] : []),
    ...(settings.coexist ? [PARTS.legacy] : []),
    ...(settings.backupEverySeconds === undefined ? [] : [PARTS.backup]),
    ...(settings.monitor ? [PARTS.monitor] : []),
    ...(settings.monitoring ? monitoringParts(services) : []),
  ];
  const others = found
    .filter(({ kind, instance, stack, state }) => {
      // A carrier never starts; stand-ins are told of as services.
      const isOurs = kind === "container" && instance === settings.instance && stack !== "workloads";
      return isOurs && state !== "created";
    })
    .map(({ name }) => name.slice(settings.prefix.length))
    .filter((name) => !declared.includes(name));
  return [...declared.map((name) => partNamed(name, true)), ...others.sort().map((name) => partNamed(name, false))];
}

function monitoringParts(services: readonly Service[]): readonly string[] {
  return [
    PARTS.prometheus,
    PARTS.alertmanager,
    PARTS.blackbox,
    ...(needsProber(services) ? [PARTS.controlBlackbox] : []),
    ...(needsApplicationMetrics(services) ? [PARTS.applicationMetrics] : []),
  ];
}

/** The names that a platform of any size can have. */
export function partNames(): readonly string[] {
  const servers = [1, 2, 3, 4, 5].map(serverName);
  return [...servers, ...Object.values(PARTS)].map((container) => partNamed(container, true).name);
}

function partNamed(container: string, isDeclared: boolean): Part {
  const short: Readonly<Record<string, string>> = { [AGENT_NODE]: "agent", [PARTS.gateway]: "gateway" };
  return {
    name: short[container] ?? container.replace(/^consul-/, ""),
    container,
    isServer: /^consul-server-\d+$/.test(container),
    isDeclared,
  };
}
