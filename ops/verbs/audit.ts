import { join } from "node:path";
import { declaredBy } from "../../lib/catalog/declared.js";
import { kvSubkey } from "../../lib/catalog/definition.js";
import { readCatalog } from "../../lib/catalog/read-catalog.js";
import type { Catalog } from "../../lib/catalog/types.js";
import { AGENT_NODE } from "../../lib/consul/cluster.js";
import { PARTS } from "../../lib/platform-names.js";
import { printable, printableLines } from "../../lib/printable.js";
import { readSettings, type Settings } from "../../lib/settings.js";
import { few } from "../cli/few.js";
import { quoted } from "../cli/quoted.js";
import type { LiveInstance } from "../consul/api/catalog.js";
import type { LiveCheck } from "../consul/api/health.js";
import { connect } from "../consul/connect.js";
import { type ForeignKeys, readForeignKeys } from "../consul/foreign-keys.js";
import { listAll } from "../docker/docker-host.js";
import { requireDocker } from "../docker/require-docker.js";
import { setUpTerraform } from "../platform/tools.js";
import { appliedDefinitions } from "../report/diff/applied.js";
import { auditJson } from "../report/json/audit-json.js";
import { printJson } from "../report/json/print-json.js";
import { type ServiceStanding, standings } from "../report/standings.js";

/** Something that Consul has otherwise than the catalog, and the command that fixes it. */
export interface Fault {
  /** The service's name, with its id behind a slash where it is one of several instances. */
  readonly service: string;
  readonly what: string;
  /** For a shell in the clone. */
  readonly mend: string;
}

/** That the door for old services is open, for as long as it is. */
const COEXISTENCE: Fault = {
  service: "ROLLCALL_COEXIST",
  what: `is on: services without a token may register themselves through ${PARTS.legacy}`,
  mend: "ROLLCALL_COEXIST=off npx rollcall up     # once nothing below is registered by a service itself",
};

/** What `catalog audit` is asked for. */
export interface AuditOptions {
  /** Whether JSON is printed: `AuditJson`. @default false */
  readonly json?: boolean | undefined;
}

/**
 * `npx rollcall catalog audit`: what a running Consul has otherwise than the catalog, one by one, each with the command
 * that fixes it. Exit code 1 if something is found.
 */
export async function audit({ json: isJson = false }: AuditOptions): Promise<number> {
  const settings = readSettings();
  const catalog = readCatalog(settings.catalogFolder);
  await requireDocker();
  const terraform = await setUpTerraform(settings);
  const consul = await connect(settings, terraform);
  const [instances, checks] = await Promise.all([consul.catalog.instances(), consul.health.checks()]);
  const applied = await appliedDefinitions(terraform, join(settings.outdir, "stacks", "registry"));
  const coexists = (await listAll("container")).some(
    ({ name, instance }) => name === `${settings.prefix}${PARTS.legacy}` && instance === settings.instance,
  );
  const foreign = await readForeignKeys(settings, terraform, catalog);
  const faults = [
    ...(coexists ? [COEXISTENCE] : []),
    ...faultsOf(catalog, applied, instances, checks, settings),
    ...foreign.map(keyFault),
  ];
  if (isJson) {
    printJson(auditJson(faults, catalog.services.length));
    return faults.length === 0 ? 0 : 1;
  }
  for (const { service, what, mend } of faults)
    console.log(printableLines(`${service}: ${printable(what)}\n  ${mend}`));
  const declared = `${catalog.services.length} declared`;
  console.log(faults.length === 0 ? `Consul has what is declared, ${declared}` : `${faults.length} found, ${declared}`);
  return faults.length === 0 ? 0 : 1;
}

/**
 * What is to be fixed, declared services first. Pure.
 * @param applied what `up` has declared last: the registrar keeps it registered, whatever the files say by now
 */
export function faultsOf(
  catalog: Catalog,
  applied: readonly { readonly id: string }[],
  instances: readonly LiveInstance[],
  checks: readonly LiveCheck[],
  platform: Pick<Settings, "prefix" | "httpPort">,
): readonly Fault[] {
  const names = new Set(catalog.services.map(({ name }) => name));
  const { services, strangers } = standings(declaredBy(catalog), instances, checks);
  return [
    ...services.flatMap(ownFaults),
    ...strangers.map((stranger) => {
      const isApplied = stranger.node === AGENT_NODE && applied.some(({ id }) => id === stranger.id);
      const how = names.has(stranger.name) ? "registered once more" : "not declared, but registered";
      return {
        service: stranger.name,
        what: `${how} ${isApplied ? appliedPlaceOf(stranger) : placeOf(stranger, checks)}`,
        mend: isApplied ? "npx rollcall up" : deregister(stranger, platform),
      };
    }),
  ];
}

function keyFault({ below, keys, command }: ForeignKeys): Fault {
  const names = few(keys.map((key) => key.slice(below.length)));
  const what = keys.length === 1 ? "a key of no team of the catalog" : `${keys.length} keys of no team: ${names}`;
  return { service: keys.length === 1 ? (keys[0] ?? below) : below, what, mend: command };
}

function ownFaults({ declared, own, differences }: ServiceStanding): readonly Fault[] {
  const subject = { service: kvSubkey(declared), mend: "npx rollcall up" };
  if (own === undefined) return [{ ...subject, what: `declared, but ${AGENT_NODE} does not have it` }];
  return differences.map((each) => ({
    ...subject,
    what: `${each.field} is ${JSON.stringify(each.found)} in Consul, and declared ${JSON.stringify(each.declared)}`,
  }));
}

function appliedPlaceOf({ node, id }: LiveInstance): string {
  return `as ${id} on ${node}, by the agent definition of an earlier catalog, which no file declares any more`;
}

/** Where and by whom, as far as Consul knows. */
function placeOf({ node, id, address, port }: LiveInstance, checks: readonly LiveCheck[]): string {
  const own = checks.filter((check) => check.node === node && check.serviceId === id);
  const by = own.some(({ type }) => type === "ttl") ? "by the service itself, with a TTL heartbeat" : "over the API";
  return `as ${id} on ${node}, at ${address}:${port}, ${by}`;
}

/**
 * A service leaves Consul where it entered it: at its node's agent, or in the catalog where the node has none of ours. The
 * token stands in no process's arguments, which everybody on the machine may read.
 */
function deregister({ node, id }: LiveInstance, { prefix, httpPort }: Pick<Settings, "prefix" | "httpPort">): string {
  const token = "$(npx rollcall token management)";
  if (/^consul-(server-\d+|agent-shared)$/.test(node))
    return `CONSUL_HTTP_TOKEN="${token}" docker exec -e CONSUL_HTTP_TOKEN ${prefix}${node} consul services deregister -id=${quoted(id)}`;
  const body = quoted(printable(JSON.stringify({ Node: node, ServiceID: id })));
  return `echo "X-Consul-Token: ${token}" | curl -X PUT -H @- -d ${body} http://localhost:${httpPort}/v1/catalog/deregister`;
}
