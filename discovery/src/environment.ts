import { readFileSync } from "node:fs";
import { InvalidOption } from "./errors.ts";

/** Where Consul is, and as whom to ask it. */
export interface ConsulPlace {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** A Unix socket instead of host and port. */
  readonly socketPath?: string;
  /** Sent as `X-Consul-Token`. */
  readonly token?: string;
  /** @default the agent's own */
  readonly datacenter?: string;
  /** PEM of the authorities that may have signed Consul's certificate. @default those of Node */
  readonly ca?: string;
  /** PEM of the own certificate, where Consul wants one. */
  readonly cert?: string;
  readonly key?: string;
  /** The name that Consul's certificate must have. @default the host */
  readonly serverName?: string;
  /** False takes any certificate. @default true */
  readonly verify?: boolean;
}

/** Environment variables by their names. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads where Consul is from the platform's variables (`CONSUL_HOST`, `CONSUL_PORT`, `CONSUL_TOKEN`,
 * `CONSUL_DATACENTER`, `CONSUL_CACERT`, …) and from those of Consul's own tools (`CONSUL_HTTP_ADDR`,
 * `CONSUL_HTTP_TOKEN`, `CONSUL_HTTP_SSL`, …); the former win. An authority or port 8501 means TLS.
 * @throws InvalidOption for a value that cannot be meant, or a file that cannot be read
 */
export function readEnvironment(env: Environment): ConsulPlace {
  const named = (name: string) => (env[name] === "" ? undefined : env[name]);
  const address = parseAddress(named("CONSUL_HTTP_ADDR"));
  const port = portOf("CONSUL_PORT", named("CONSUL_PORT"));
  const file = (name: string) => readNamed(name, named(name));
  const [ca, cert, key] = [file("CONSUL_CACERT"), file("CONSUL_CLIENT_CERT"), file("CONSUL_CLIENT_KEY")];
  const token = named("CONSUL_TOKEN") ?? named("CONSUL_HTTP_TOKEN") ?? file("CONSUL_HTTP_TOKEN_FILE")?.trim();
  const tls = flag(named("CONSUL_HTTP_SSL")) ?? address.tls ?? (ca !== undefined || port === 8501);
  const datacenter = named("CONSUL_DATACENTER");
  const serverName = named("CONSUL_TLS_SERVER_NAME");
  return {
    host: named("CONSUL_HOST") ?? address.host ?? "127.0.0.1",
    port: port ?? address.port ?? (tls ? 8501 : 8500),
    tls,
    verify: flag(named("CONSUL_HTTP_SSL_VERIFY")) ?? true,
    ...(address.socketPath === undefined || named("CONSUL_HOST") !== undefined
      ? {}
      : { socketPath: address.socketPath }),
    ...(token === undefined ? {} : { token }),
    ...(datacenter === undefined ? {} : { datacenter }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

interface Address {
  readonly host?: string;
  readonly port?: number;
  readonly tls?: boolean;
  readonly socketPath?: string;
}

function parseAddress(text: string | undefined): Address {
  if (text === undefined) return {};
  if (text.startsWith("unix://")) return { socketPath: text.slice("unix://".length), host: "localhost", tls: false };
  const full = /^https?:\/\//.test(text) ? text : `http://${text}`;
  if (!URL.canParse(full)) throw new InvalidOption(`CONSUL_HTTP_ADDR is ${JSON.stringify(text)}`, "Write host:port.");
  const url = new URL(full);
  const tls = full === text ? { tls: url.protocol === "https:" } : {};
  // URL leaves out the port that is the scheme's own.
  const port = url.port === "" && /:\d+\/?$/.test(text) ? (tls.tls === true ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ""), ...tls, ...(port > 0 ? { port } : {}) };
}

/** A port as an environment variable has it. @throws InvalidOption where it is none */
export function portOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new InvalidOption(`${name} is ${JSON.stringify(text)}`, "Write a number from 1 to 65535.");
  return port;
}

function flag(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  return !["0", "false", "f", "no", "off"].includes(text.toLowerCase());
}

function readNamed(name: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new InvalidOption(`${name} cannot be read: ${why}`, "Name a file that this process may read.");
  }
}
