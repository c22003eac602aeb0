import { createHash } from "node:crypto";
import { ASKING_KINDS } from "../../catalog/check-kinds.js";
import { type Check, renderCheck } from "../../catalog/checks.js";
import type { RenderedCheck } from "../../catalog/definition-schema.js";
import { seconds } from "../../catalog/fields.js";
import type { Service } from "../../catalog/types.js";

/** What a Prometheus reads in a file of targets (`file_sd_configs`). */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** A check as the blackbox exporter makes it, with what it is made against. */
export interface Probe {
  /** Its module's name: the same for the same questions. */
  readonly module: string;
  /** As blackbox.yml has it under `modules`. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly target: TargetGroup;
}

/** Prometheus keeps what it scrapes this often, at least. */
const LEAST_SECONDS = 15;

/** What the blackbox exporter takes from a scrape's time for itself. */
const OWN_SECONDS = 0.5;

/** What Consul counts as passing or as a warning; both are found. */
const FOUND_STATUSES = [200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 429];

/**
 * Each check of each service that somebody can make from outside, made as Consul makes it: what Consul's agent asks the
 * prober, the blackbox exporter asks the prober too. Heartbeats, aliases and the host's resources are no probes.
 */
export function probesOf(services: readonly Service[]): readonly Probe[] {
  const asking: readonly string[] = ASKING_KINDS;
  return services.flatMap((service) =>
    service.checks.flatMap(({ name, check }) => {
      if (!("interval" in check) || !asking.includes(check.kind)) return [];
      const rendered = renderCheck(check, service);
      return rendered === undefined ? [] : [probe(service, name, check, rendered)];
    }),
  );
}

function probe(
  { name: service, team, id }: Service,
  check: string,
  { kind, interval, timeout }: Extract<Check, { interval: string }>,
  rendered: RenderedCheck,
): Probe {
  const settings = moduleOf(rendered, timeout);
  const module = `${settings.prober}_${createHash("sha256").update(JSON.stringify(settings)).digest("hex").slice(0, 8)}`;
  const scrape = seconds(timeout) + OWN_SECONDS;
  return {
    module,
    settings,
    target: {
      targets: [askedBy(rendered)],
      labels: {
        __param_module: module,
        __scrape_interval__: `${Math.max(LEAST_SECONDS, seconds(interval), Math.ceil(scrape))}s`,
        __scrape_timeout__: `${scrape * 1000}ms`,
        ...{ service, team, id, check, kind },
      },
    },
  };
}

function askedBy({ http, tcp, grpc = "" }: RenderedCheck): string {
  return http ?? tcp ?? grpc.replace(/\/.*$/, "");
}

function moduleOf(rendered: RenderedCheck, timeout: string): Readonly<Record<string, unknown>> & { prober: string } {
  const { http, method, header, body, disable_redirects, tcp, grpc, grpc_use_tls, tls_server_name } = rendered;
  const tls = tls_server_name === undefined ? {} : { tls_config: { server_name: tls_server_name } };
  const ip = { preferred_ip_protocol: "ip4" };
  if (http !== undefined) {
    const headers = Object.entries(header ?? {}).map(([name, values]) => [name, values[0] ?? ""]);
    return {
      prober: "http",
      timeout,
      http: {
        method: method ?? "GET",
        ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
        ...(body === undefined ? {} : { body }),
        follow_redirects: disable_redirects !== true,
        valid_status_codes: FOUND_STATUSES,
        ...tls,
        ...ip,
      },
    };
  }
  if (tcp !== undefined) return { prober: "tcp", timeout, tcp: ip };
  const [, service] = /^[^/]*\/(.*)$/.exec(grpc ?? "") ?? [];
  return {
    prober: "grpc",
    timeout,
    grpc: {
      ...(service === undefined ? {} : { service }),
      tls: grpc_use_tls === true,
      ...tls,
      ...ip,
    },
  };
}
