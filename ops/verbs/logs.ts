import { spawn } from "node:child_process";
import { kvSubkey } from "../../lib/catalog/definition.js";
import { readCatalog } from "../../lib/catalog/read-catalog.js";
import type { Service } from "../../lib/catalog/types.js";
import { printable } from "../../lib/printable.js";
import { readSettings, type Settings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { isInterrupted } from "../cli/interrupt.js";
import { UsageError } from "../cli/usage-error.js";
import type { LiveCheck } from "../consul/api/health.js";
import { readInside } from "../consul/inside.js";
import { type DockerObject, listAll } from "../docker/docker-host.js";
import { requireDocker } from "../docker/require-docker.js";
import { type Part, partsOf } from "../platform/parts.js";
import { isUnknown, resultOf } from "../platform/result.js";
import { UP } from "../report/problem.js";
import { logOptions, type SpanOptions } from "./logs/log-options.js";
import { targetOf } from "./logs/log-target.js";

/** What `logs` is asked for. */
export interface LogsOptions extends SpanOptions {
  /** A part of the platform, or a service. */
  readonly name: string;
  /** Whether new lines are printed as they come. @default false */
  readonly follow?: boolean | undefined;
}

/**
 * `npx rollcall logs NAME`: the log of a part's container; of a declared service what its checks said last, then the log
 * of the container that answers under its address. `npx rollcall logs audit`: who wrote what.
 */
export async function logs(asked: LogsOptions): Promise<number> {
  const options = logOptions(asked);
  const settings = readSettings();
  const { name } = asked;
  const catalog = await resultOf(async () => readCatalog(settings.catalogFolder));
  const services = isUnknown(catalog) ? [] : catalog.services;
  const found = await resultOf(() => listAll("container"));
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
  if (asked.follow === true)
    throw new UsageError(
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
function containerAt({ prefix }: Settings, address: string, found: readonly DockerObject[]): string {
  return found.some(({ name }) => name === prefix + address) ? prefix + address : address;
}

async function checksOf(
  settings: Settings,
  services: readonly Service[],
  parts: readonly Part[],
  found: readonly DockerObject[],
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
  if (own.length === 0) return `${name}: Consul has no check of it; \`npx rollcall status\` shows more`;
  return own
    .map(({ status, type, output }) =>
      printable(`${name}: ${status}, ${type}: ${output.replace(/\s+/g, " ").trim() || "-"}`),
    )
    .join("\n");
}

/** Hands Docker's own output on as it comes: a log may be long, and be followed. */
function show(
  container: string,
  found: readonly DockerObject[],
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
