import { hostname } from "node:os";
import { type Environment, portOf } from "./environment.js";
import { InvalidOption } from "./errors.js";
import { hostPort } from "./instance.js";
import { canonicalHost, whyNowhere } from "./reachable.js";

/** How Consul is to find out whether the instance is healthy. */
export type OwnCheck =
  | { readonly kind: "http"; readonly path: string }
  | { readonly kind: "tcp" }
  /** The instance says so itself: see `heartbeat`. */
  | { readonly kind: "ttl"; readonly ttl: string };

/** An instance to register; what is left out comes from the environment that the platform's containers have. */
export interface RegistrationOptions {
  /** @default the environment's SERVICE_NAME */
  readonly name?: string;
  /**
   * The address at which others reach it; not one that means the caller itself, such as localhost.
   * @default SERVICE_HOST, or the host's name where that is a wildcard such as 0.0.0.0
   */
  readonly address?: string;
  /** @default the environment's SERVICE_PORT */
  readonly port?: number;
  /** @default the environment's SERVICE_TAGS, separated by commas */
  readonly tags?: readonly string[];
  /** `dynamic: "true"` is added. @default none */
  readonly meta?: Readonly<Record<string, string>>;
  /** @default the name, the address and the port */
  readonly id?: string;
  /** @default an HTTP check of /health */
  readonly check?: OwnCheck;
  /** Such as `10s`. @default the environment's HEALTH_CHECK_INTERVAL, else 10s */
  readonly interval?: string;
  /** @default the environment's HEALTH_CHECK_TIMEOUT, else 5s */
  readonly timeout?: string;
  /** Consul drops it when it was critical for so long; at least 1m. @default HEALTH_CHECK_DEREGISTER_AFTER, else 90s */
  readonly deregisterAfter?: string;
  /** Milliseconds between two looks whether the agent still has it. @default 15000 */
  readonly renewMs?: number;
}

/** A service definition as `/v1/agent/service/register` takes it. */
export interface AgentService {
  readonly ID: string;
  readonly Name: string;
  readonly Address: string;
  readonly Port: number;
  readonly Tags: readonly string[];
  readonly Meta: Readonly<Record<string, string>>;
  readonly Checks: readonly Readonly<Record<string, string>>[];
}

/** Fills in what the environment says. @throws InvalidOption where something is missing or cannot be meant */
export function serviceDefinition(options: RegistrationOptions, env: Environment): AgentService {
  const name = options.name ?? env.SERVICE_NAME ?? "";
  const port = options.port ?? portOf("SERVICE_PORT", env.SERVICE_PORT);
  if (name === "") throw new InvalidOption("The instance to register has no name", "Set SERVICE_NAME or say name.");
  if (port === undefined) throw new InvalidOption(`${name} has no port`, "Set SERVICE_PORT or say port.");
  const address = addressOf(name, options.address ?? env.SERVICE_HOST ?? "");
  const id = options.id ?? `${name}-${address}-${port}`;
  const tags = options.tags ?? (env.SERVICE_TAGS ?? "").split(",").flatMap((tag) => tag.trim() || []);
  const after = duration("deregisterAfter", options.deregisterAfter ?? env.HEALTH_CHECK_DEREGISTER_AFTER ?? "90s");
  const interval = duration("interval", options.interval ?? env.HEALTH_CHECK_INTERVAL ?? "10s");
  const timeout = duration("timeout", options.timeout ?? env.HEALTH_CHECK_TIMEOUT ?? "5s");
  const check = options.check ?? { kind: "http", path: "/health" };
  const place = hostPort({ address, port });
  const path = check.kind === "http" ? check.path : "";
  const how = {
    http: { HTTP: `http://${place}${path.startsWith("/") ? path : `/${path}`}`, Interval: interval, Timeout: timeout },
    tcp: { TCP: place, Interval: interval, Timeout: timeout },
    ttl: { TTL: check.kind === "ttl" ? duration("ttl", check.ttl) : "" },
  } as const;
  const made = { CheckID: `${id}:${check.kind}`, ...how[check.kind], DeregisterCriticalServiceAfter: after };
  const meta = { ...options.meta, dynamic: "true" };
  return { ID: id, Name: name, Address: address, Port: port, Tags: tags, Meta: meta, Checks: [made] };
}

/** The address at which the agent and other services reach it. */
function addressOf(name: string, host: string): string {
  // To listen on every address is no address that others could call.
  const isWildcard = ["", "*"].includes(host) || ["0.0.0.0", "::"].includes(canonicalHost(host));
  const address = isWildcard ? hostname() : host.replace(/^\[(.*)\]$/, "$1");
  const why = whyNowhere(address);
  if (why === undefined) return address;
  throw new InvalidOption(
    `The address of ${name} is ${JSON.stringify(address)}, which ${why}`,
    "Set SERVICE_HOST or say address: the host name or IP address at which others reach it.",
  );
}

function duration(what: string, text: string): string {
  if (/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return text;
  throw new InvalidOption(`${what} is ${JSON.stringify(text)}`, "Write a duration such as 30s or 1m30s.");
}
