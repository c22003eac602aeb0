import { spawn } from "node:child_process";
import { kvSubkey } from "../lib/catalog/definition";
import { readCatalog } from "../lib/catalog/read-catalog";
import type { Service } from "../lib/catalog/types";
import { printable } from "../lib/printable";
import { readSettings, type Settings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import type { Asked } from "./command-line.cjs";
import type { LiveCheck } from "./consul-client";
import { type Found, listAll } from "./docker-host";
import { readInside } from "./inside";
import { isInterrupted } from "./interrupt";
import { isUnknown, known } from "./known";
import { auditLog } from "./logs/audit-log";
import { logOptions } from "./logs/log-options";
import { targetOf } from "./logs/log-target";
import { type Part, partsOf } from "./parts";
import { requireDocker } from "./require-docker";
import { UP } from "./trouble";
import { howTo } from "./usage.cjs";

const USAGE = howTo("logs");

/**
 * `npm run logs -- NAME`: the log of a part's container; of a declared service what its checks said last, then the log
 * of the container that answers under its address. `npm run logs -- audit`: who wrote what.
 */
export async function logs(asked: Asked): Promise<number> {
  if (asked.action === "audit") return auditLog(asked, readSettings());
  const options = logOptions(asked, USAGE);
  const settings = readSettings();
  const [name = ""] = asked.words;
  const catalog = await known(async () => readCatalog(settings.catalogFolder));
  const services = isUnknown(catalog) ? [] : catalog.services;
  const found = await known(() => listAll("container"));
  if (isUnknown(found)) {
    // A name that nothing can have is refused as that; who started Docker would read it next.
    if (!isUnknown(catalog)) targetOf(name, partsOf(settings, services, []), services);
    await requireDocker("there are no logs to read");
    throw new UserError(`Docker cannot list its containers: ${found.unknown}`, "Run it again.");
  }
  const parts = partsOf(settings, services, found);
  const target = targetOf(name, parts, services);
  if (target.kind === "part") return show(settings.prefix + target.container, found, options, UP);

  console.log(await checksOf(settings, target.services, parts, found));
  const containers = [...new Set(target.services.map(({ address }) => containerAt(settings, address, found)))];
  const [first, second] = containers;
  if (first === undefined || second === undefined) return first === undefined ? 0 : show(first, found, options);
  if (asked.flags.has("follow"))
    throw new UserError(
      `${target.services[0]?.name} has ${target.services.length} instances, and one is followed at a time`,
      `Name one: ${target.services.map(kvSubkey).join(", ")}.`,
    );
  for (const container of containers) {
    console.log(`--- ${container}`);
    await show(container, found, options);
  }
  return 0;
}

/** A stand-in's container, or the real one, which is named by its address as well. */
function containerAt({ prefix }: Settings, address: string, found: readonly Found[]): string {
  return found.some(({ name }) => name === prefix + address) ? prefix + address : address;
}

async function checksOf(
  settings: Settings,
  services: readonly Service[],
  parts: readonly Part[],
  found: readonly Found[],
): Promise<string> {
  const servers = parts.filter(({ isServer }) => isServer).map(({ container }) => settings.prefix + container);
  const live = await readInside(
    servers.filter((server) => found.some(({ name, state }) => name === server && state === "running")),
  );
  if (isUnknown(live)) return printable(`What its checks said is unknown: ${live.unknown}`);
  return services.map((service) => describeChecks(service, live.checks)).join("\n");
}

/** A line a check of a service: its state, its kind, what it said last. Pure. */
export function describeChecks(service: Service, checks: readonly LiveCheck[]): string {
  const own = checks.filter(({ serviceId }) => serviceId === service.id);
  const name = kvSubkey(service);
  if (service.checks.every(({ check }) => check.kind === "none")) return `${name}: nothing checks it, as declared`;
  if (own.length === 0) return `${name}: Consul has no check of it; \`npm run status\` tells more`;
  return own
    .map(({ status, type, output }) =>
      printable(`${name}: ${status}, ${type}: ${output.replace(/\s+/g, " ").trim() || "-"}`),
    )
    .join("\n");
}

/** Hands Docker's own output on as it comes: a log may be long, and be followed. */
function show(
  container: string,
  found: readonly Found[],
  options: readonly string[],
  absent = "Look where the service runs.",
): Promise<number> {
  if (!found.some(({ name }) => name === container)) {
    console.log(`There is no container ${container} on this Docker host. ${absent}`);
    return Promise.resolve(1);
  }
  return new Promise((resolve, reject) => {
    const child = spawn("docker", ["logs", ...options, container], { stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("close", (code) => resolve(isInterrupted() ? 0 : (code ?? 1)));
  });
}
