import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { kvSubkey, renderDefinition } from "../lib/catalog/definition";
import { readCatalog } from "../lib/catalog/read-catalog";
import type { Catalog, Service } from "../lib/catalog/types";
import { AGENT_NODE } from "../lib/consul/cluster";
import { PARTS } from "../lib/platform-names";
import { printable, printableLines } from "../lib/printable";
import { readSettings, type Settings } from "../lib/settings";
import type { LiveCheck, LiveInstance } from "./consul-client";
import { appliedDefinitions } from "./diff/applied";
import { listAll } from "./docker-host";
import { few } from "./few";
import { type ForeignKeys, readForeignKeys } from "./foreign-keys";
import { connect } from "./live";
import { quoted } from "./quoted";
import { requireDocker } from "./require-docker";
import { setUpTerraform } from "./tools";

/** Something that Consul has otherwise than the catalog, and the command that mends it. */
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
  mend: "ROLLCALL_COEXIST=off npm run up     # once nothing below is registered by a service itself",
};

/**
 * `npm run catalog -- audit`: what a running Consul has otherwise than the catalog, one by one, each with the command
 * that mends it. Exit code 1 where something is found.
 */
export async function audit(): Promise<number> {
  const settings = readSettings();
  const catalog = readCatalog(settings.catalogFolder);
  await requireDocker();
  const terraform = await setUpTerraform(settings);
  const client = await connect(settings, terraform);
  const [instances, checks] = await Promise.all([client.instances(), client.checks()]);
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
  for (const { service, what, mend } of faults)
    console.log(printableLines(`${service}: ${printable(what)}\n  ${mend}`));
  const declared = `${catalog.services.length} declared`;
  console.log(faults.length === 0 ? `Consul has what is declared, ${declared}` : `${faults.length} found, ${declared}`);
  return faults.length === 0 ? 0 : 1;
}

/**
 * What is to be mended, declared services first. Pure.
 * @param applied what `up` has declared last: the registrar keeps it registered, whatever the files say by now
 */
export function faultsOf(
  catalog: Catalog,
  applied: readonly { readonly id: string }[],
  instances: readonly LiveInstance[],
  checks: readonly LiveCheck[],
  platform: Pick<Settings, "prefix" | "httpPort">,
): readonly Fault[] {
  const ids = new Set(catalog.services.map(({ id }) => id));
  const names = new Set(catalog.services.map(({ name }) => name));
  const isOurs = ({ node, id }: LiveInstance) => node === AGENT_NODE && ids.has(id);
  const dynamic = new Set(catalog.dynamic.map(({ name }) => name));
  const strangers = instances.filter((each) => each.name !== "consul" && !dynamic.has(each.name) && !isOurs(each));
  return [
    ...catalog.services.flatMap((service) => ownFaults(service, instances)),
    ...strangers.map((stranger) => {
      const isApplied = stranger.node === AGENT_NODE && applied.some(({ id }) => id === stranger.id);
      const how = names.has(stranger.name) ? "registered once more" : "not declared, but registered";
      return {
        service: stranger.name,
        what: `${how} ${isApplied ? appliedPlaceOf(stranger) : placeOf(stranger, checks)}`,
        mend: isApplied ? "npm run up" : deregister(stranger, platform),
      };
    }),
  ];
}

function keyFault({ below, keys, command }: ForeignKeys): Fault {
  const names = few(keys.map((key) => key.slice(below.length)));
  const what = keys.length === 1 ? "a key of no team of the catalog" : `${keys.length} keys of no team: ${names}`;
  return { service: keys.length === 1 ? (keys[0] ?? below) : below, what, mend: command };
}

function ownFaults(service: Service, instances: readonly LiveInstance[]): readonly Fault[] {
  const subject = { service: kvSubkey(service), mend: "npm run up" };
  const live = instances.find(({ node, id }) => node === AGENT_NODE && id === service.id);
  if (live === undefined) return [{ ...subject, what: `declared, but ${AGENT_NODE} does not have it` }];
  const { name, address, port, tags, meta } = renderDefinition(service);
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ["name", name, live.name],
    ["address", address, live.address],
    ["port", port, live.port],
    ["tags", tags, live.tags],
    ["meta", meta, live.meta],
  ];
  return pairs
    .filter(([, declared, found]) => !isDeepStrictEqual(declared, found))
    .map(([field, declared, found]) => ({
      ...subject,
      what: `${field} is ${JSON.stringify(found)} in Consul, and declared ${JSON.stringify(declared)}`,
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
  const token = "$(npm run -s token -- management)";
  if (/^consul-(server-\d+|agent-shared)$/.test(node))
    return `CONSUL_HTTP_TOKEN="${token}" docker exec -e CONSUL_HTTP_TOKEN ${prefix}${node} consul services deregister -id=${quoted(id)}`;
  const body = quoted(printable(JSON.stringify({ Node: node, ServiceID: id })));
  return `echo "X-Consul-Token: ${token}" | curl -X PUT -H @- -d ${body} http://localhost:${httpPort}/v1/catalog/deregister`;
}
