import { isIP } from "node:net";
import { discoverables, dnsName } from "../../../lib/catalog/discoverable.js";
import type { Catalog } from "../../../lib/catalog/types.js";
import { clusterOf } from "../../../lib/consul/cluster.js";
import { SERVERS_ALIAS } from "../../../lib/platform-names.js";
import { few } from "../../cli/few.js";
import { execIn } from "../../docker/containers.js";
import { isUnknown, resultOf, type Unknown } from "../../platform/result.js";
import { type Problem, UP } from "../problem.js";
import { type DoctorCheck, type DoctorContext, runningParts } from "./doctor-check.js";

/** Which names the agent could not resolve. */
export interface Unresolved {
  /** Of the servers, in the control plane. */
  readonly servers: readonly string[];
  /** Of the hosts that the catalog names, in the platform's network. */
  readonly hosts: readonly string[];
  /** What Consul's own DNS does not answer: `billing-service.query.consul`, …. */
  readonly queries: readonly string[];
}

/** Names as the agent resolves them, which stands in both networks: Docker's, and Consul's own for applications. */
export const names: DoctorCheck = {
  name: "DNS",
  needsDocker: true,
  run: async (context) => {
    const agent = runningParts(context).find(({ name }) => name === "agent");
    if (agent === undefined) return { summary: "not looked at: the agent does not run", problems: [], isLeftOut: true };
    const asked = namesOf(context);
    const unresolved = await resultOf(async () => ({
      servers: await failing(agent.state.name, asked.servers),
      hosts: await failing(agent.state.name, asked.hosts),
      queries: await failing(agent.state.name, asked.queries, "127.0.0.1:8600"),
    }));
    const { servers, hosts, queries } = asked;
    const summary = `${servers.length} names of servers, ${hosts.length} of services, ${few(queries, 1) || "no query"}`;
    return { summary, problems: judgeNames(unresolved) };
  },
};

function namesOf({ settings, catalog }: DoctorContext): Unresolved {
  const { datacenter, servers, controlSubnet } = settings;
  const known: Catalog = isUnknown(catalog) ? { teams: [], services: [], dynamic: [] } : catalog;
  const checked = known.services.filter(({ checks }) => checks.some(({ check }) => check.kind !== "none"));
  const [query] = discoverables({ ...known, services: checked.length > 0 ? checked : known.services });
  return {
    servers: [...clusterOf(datacenter, servers, controlSubnet).servers.map(({ name }) => name), SERVERS_ALIAS],
    hosts: [...new Set(checked.map(({ address }) => address).filter((address) => isIP(address) === 0))],
    queries: query === undefined ? [] : [`${dnsName(query.name)}.query.consul`],
  };
}

/** Those of these names that do not resolve from within a container. */
async function failing(container: string, asked: readonly string[], server = ""): Promise<readonly string[]> {
  // Side by side: a name that Docker does not know it asks of the host's servers, and each of those may let it wait.
  // For the address alone: a second type of record, which the name lacks, would count as a failure.
  const look = 'busybox timeout 8 busybox nslookup -type=a "$n" $server >/dev/null 2>&1 || echo "$n"';
  const script = `server=$1; shift; for n in "$@"; do { ${look}; } & done; wait`;
  const failed = new Set((await execIn(container, ["/bin/sh", "-c", script, "sh", server, ...asked])).split("\n"));
  return asked.filter((name) => failed.has(name));
}

export function judgeNames(unresolved: Unresolved | Unknown): readonly Problem[] {
  if (isUnknown(unresolved)) return [{ what: `names cannot be looked up: ${unresolved.unknown}`, remedy: UP }];
  const { servers, hosts, queries } = unresolved;
  return [
    ...(servers.length === 0
      ? []
      : [
          {
            what: `the control plane does not resolve ${few(servers)}`,
            remedy: `A server that does not run has no name. ${UP}`,
          },
        ]),
    ...(hosts.length === 0
      ? []
      : [
          {
            what: `the platform's network does not resolve ${few(hosts)}`,
            remedy:
              "Start the container, in that network and under that name (docs/applications.md); stand-ins: `npx rollcall up`.",
          },
        ]),
    ...(queries.length === 0
      ? []
      : [
          {
            what: `Consul's DNS does not answer ${few(queries)}`,
            remedy: "`npx rollcall logs agent` shows more; a new query: `npx rollcall up`.",
          },
        ]),
  ];
}
