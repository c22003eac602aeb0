/*
 * The names that the control plane's containers have, without `ROLLCALL_PREFIX`. The constructs take theirs from here
 * and the catalog reserves them, so that no service stands at a name of the platform's own.
 */

/** What runs beside the servers: its container's name, and its name in the networks. */
export const PARTS = {
  agent: "consul-agent-shared",
  registrar: "consul-registrar",
  gateway: "consul-ui",
  prober: "consul-prober",
  legacy: "consul-legacy",
  backup: "consul-backup",
  monitor: "consul-monitor",
  prometheus: "consul-prometheus",
  alertmanager: "consul-alertmanager",
  blackbox: "consul-blackbox",
  /** The probes that go to the prober, which answers in the control network alone. */
  controlBlackbox: "consul-blackbox-control",
  /** Applications' own metrics, for a Prometheus that does not reach their network. */
  applicationMetrics: "consul-application-metrics",
} as const;

/** Where each answers `/metrics` and `/health` in the control network. */
export const PROGRAM_PORTS = { backup: 9180, registrar: 9181, monitor: 9182 } as const;

/** Where what is no program of ours answers: the ports that each has by default. */
export const MONITORING_PORTS = {
  prometheus: 9090,
  alertmanager: 9093,
  blackbox: 9115,
  applicationMetrics: 8080,
} as const;

/** The alias that all servers share; what an agent joins through, and the name in the seed's commands. */
export const SERVERS_ALIAS = "staging-consul";

/** A server's name, counted from 1. */
export function serverName(number: number): `consul-server-${number}` {
  return `consul-server-${number}`;
}

/** The networks that the platform makes: Docker finds a container by `<name>.<network>` too. */
export const NETWORKS = {
  control: "rollcall-control",
  platform: "rollcall-platform",
  monitoring: "rollcall-monitoring",
} as const;

const CARRIED = ["config", "secrets", "tokens-secrets", "servers"] as const;

/** The name of the carrier that brings a part its files. */
export function carrierName(part: string, carried: (typeof CARRIED)[number]): string {
  return `${part}-${carried}`;
}

/** What the name of a volume with an image's programs begins with (and of the container that fills it); the image's id follows. */
export function programsName(part: string): string {
  return `${part}-programs`;
}

const PART = `(?:${[...Object.values(PARTS), "consul-server-\\d+"].join("|")})`;
const CARRIER = `${PART}-(?:${CARRIED.join("|")}|programs-[0-9a-f]{12})`;
const OWN = new RegExp(`^(?:${PART}|${CARRIER}|${SERVERS_ALIAS})$`, "i");
const IN_NETWORK = new RegExp(`\\.(?:[a-z][a-z0-9-]{0,15}-)?(?:${Object.values(NETWORKS).join("|")})$`, "i");

/**
 * Whether this is a name of the control plane's own, or of a container that carries its files.
 * @param prefix `ROLLCALL_PREFIX`, where names with it count too
 */
export function isPlatformName(host: string, prefix = ""): boolean {
  const name = host.replace(IN_NETWORK, "");
  return (
    OWN.test(name) || (prefix !== "" && name.toLowerCase().startsWith(prefix) && OWN.test(name.slice(prefix.length)))
  );
}

/**
 * Whether a container of this name brings a part its files or programs. It is created and never started.
 * @param name on the host, with or without `ROLLCALL_PREFIX`
 */
export function isCarrierName(name: string): boolean {
  return new RegExp(`(?:^|-)${CARRIER}$`).test(name);
}
