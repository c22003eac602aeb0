import type { Check } from "../lib/catalog/checks";
import { hostPort } from "../lib/catalog/checks/common";
import { kvKey, kvSubkey, renderDefinition } from "../lib/catalog/definition";
import { dnsName } from "../lib/catalog/discoverable";
import { readCatalog } from "../lib/catalog/read-catalog";
import type { Catalog, DynamicService, Service } from "../lib/catalog/types";
import { nearest } from "../lib/nearest.cjs";
import { printableLines } from "../lib/printable";
import { readCatalogFolder } from "../lib/settings";
import { UserError } from "../lib/user-error";
import type { Asked } from "./command-line.cjs";

/** What `npm run catalog` can be asked for, each a text for standard output. */
const ACTIONS: Readonly<Record<string, (catalog: Catalog, name: string) => string>> = {
  lint: (catalog) => lint(catalog),
  list: (catalog) => list(catalog),
  show,
  render: (catalog) => render(catalog),
};

/**
 * `npm run catalog -- lint | list | show NAME | render`: reads the catalog and nothing else; needs no Docker and no
 * platform. `audit` compares it with what runs, `import` writes one. A mistake in the catalog is told as `up` tells it.
 */
export async function catalog(asked: Asked): Promise<number> {
  const { action, words } = asked;
  // Loaded only where they are asked for: what reads a running Consul is half of the program.
  if (action === "audit") return (await import("./audit.js")).audit();
  if (action === "import") return (await import("./import.js")).importCatalog(asked);
  const [name = ""] = words;
  const act = ACTIONS[action];
  if (act === undefined) throw new Error(`no action ${action}`);
  console.log(printableLines(act(readCatalog(readCatalogFolder()), name)));
  return 0;
}

/** One line that says how much was read; a catalog with a mistake never comes this far. */
export function lint({ services, dynamic, teams }: Catalog): string {
  const names = new Set(services.map(({ name }) => name)).size;
  const instances = names === services.length ? "" : ` (${services.length} instances)`;
  return `${counted(names + dynamic.length, "service")}${instances} of ${counted(teams.length, "team")}, no mistake`;
}

/** A line an instance: name, team, address and port, what checks it; and a line a service whose instances come and go. */
export function list({ services, dynamic }: Catalog): string {
  const rows = [
    ...services.map((service) => [kvSubkey(service), service.team, hostPort(service), checksInWords(service)]),
    ...dynamic.map(({ name, team }) => [name, team, "dynamic", REGISTERS_ITSELF]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join("  ")).join("\n");
}

/**
 * A service, each of its instances with every default filled in: who owns it, where it is declared, and its definition
 * as Consul gets it. NAME may be an instance's id.
 * @throws UserError where the catalog has no such service, with the name that was probably meant
 */
export function show({ services, dynamic, teams }: Catalog, name: string): string {
  const own = dynamic.find((one) => one.name === name);
  if (own !== undefined)
    return [`${name}, declared by ${own.team} as dynamic: ${REGISTERS_ITSELF}`, queryOf(own)].join("\n");
  const found = services.filter((one) => one.name === name || one.id === name);
  if (found.length === 0) throw unknown(name, services);
  return found
    .map((service) => {
      const file = teams.find((team) => team.name === service.team)?.file ?? "";
      const heading = [
        `${kvSubkey(service)}, declared by ${service.team} in ${file}`,
        `in Consul KV under ${kvKey(service)}`,
        queryOf(service),
        ...service.checks.flatMap(({ check }) => (check.kind === "none" ? [`not checked: ${check.reason}`] : [])),
      ];
      return `${heading.join("\n")}\n${JSON.stringify(renderDefinition(service), null, 2)}`;
    })
    .join("\n\n");
}

/** How applications find it besides by its name. */
function queryOf({ name, failover = [] }: Service | DynamicService): string {
  const then = failover.length === 0 ? "no failover" : `then in ${failover.join(", ")}`;
  return `prepared query ${dnsName(name)}.query.consul: instances here, ${then}`;
}

/** Every definition as one Consul configuration file, which `consul validate` and any Consul agent take. */
export function render({ services }: Catalog): string {
  return JSON.stringify({ services: services.map(renderDefinition) }, null, 2);
}

const REGISTERS_ITSELF = "its instances register themselves";

function unknown(name: string, services: readonly Service[]): UserError {
  const names = services.map((service) => service.name);
  const meant = nearest(name, names) ?? names.find((known) => known.startsWith(name));
  return new UserError(
    `The catalog has no service ${JSON.stringify(name)}`,
    meant === undefined ? "`npm run catalog -- list` names them all." : `Did you mean ${meant}?`,
  );
}

function checksInWords({ checks }: Service): string {
  return checks.map(({ name, check }) => (name === check.kind ? "" : `${name}: `) + checkInWords(check)).join("; ");
}

function checkInWords(check: Check): string {
  switch (check.kind) {
    case "none":
      return `none: ${check.reason}`;
    case "alias":
      return `as healthy as ${check.service}`;
    case "ttl":
      return `heartbeat within ${check.ttl}`;
    case "http":
      return `http ${check.method} ${check.url ?? check.path} every ${check.interval}, within ${check.timeout}${check.redirects === true ? ", following redirects" : ""}`;
    default:
      return `${check.kind} every ${check.interval}, within ${check.timeout}`;
  }
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
