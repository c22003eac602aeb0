import { BlockList, isIP } from "node:net";
import { type Address, addressIn, type Environment, fileIn, flag, hostOf, variable } from "./environment.js";
import { InvalidOption } from "./errors.js";

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

/** What a program says about where Consul is; each stands over the environment. */
export interface PlaceOptions {
  /**
   * Host name or IP address. It names another place than the environment's: the environment's port, scheme and Unix
   * socket do not count then.
   * @default the environment's CONSUL_HOST or CONSUL_HTTP_ADDR, else 127.0.0.1
   */
  readonly host?: string;
  /** @default the environment's CONSUL_PORT or CONSUL_HTTP_ADDR, else 8500, or 8501 with TLS */
  readonly port?: number;
  /** @default true with the option `ca` or port 8501; else the environment's CONSUL_HTTP_SSL; true with CONSUL_CACERT */
  readonly tls?: boolean;
  /** "" for none. @default the environment's CONSUL_TOKEN, CONSUL_HTTP_TOKEN or CONSUL_HTTP_TOKEN_FILE */
  readonly token?: string;
  /** @default the environment's CONSUL_DATACENTER, else the agent's own */
  readonly datacenter?: string;
  /** PEM of the authorities. @default the file that the environment's CONSUL_CACERT names */
  readonly ca?: string;
}

/**
 * Reads where Consul is from the platform's variables (`CONSUL_HOST`, `CONSUL_PORT`, `CONSUL_TOKEN`,
 * `CONSUL_DATACENTER`, `CONSUL_CACERT`, …) and from those of Consul's own tools (`CONSUL_HTTP_ADDR`,
 * `CONSUL_HTTP_TOKEN`, `CONSUL_HTTP_SSL`, …); the former win. An authority or port 8501 means TLS.
 * @throws InvalidOption for a value that cannot be meant, or a file that cannot be read
 */
export function readEnvironment(env: Environment): ConsulPlace {
  return consulPlace({}, env);
}

/**
 * Where Consul is by options and environment together. An option stands over all that the environment says of the
 * same: `host` over its port, scheme and socket, `port` over its socket, TLS over its scheme and over a port that
 * belongs to the other scheme.
 * @throws InvalidOption for a value that cannot be meant, or a file that cannot be read
 */
export function consulPlace(options: PlaceOptions, env: Environment): ConsulPlace {
  // A host of the program is another place than the environment's.
  const theirs = options.host === undefined ? addressIn(env, options.port) : { host: hostOf("host", options.host) };
  const ca = certificates("ca", options.ca) ?? certificates("CONSUL_CACERT", fileIn(env, "CONSUL_CACERT"));
  const wanted = tlsWanted(options, theirs);
  const port = options.port ?? (belongs(theirs, wanted) ? theirs.port : undefined);
  const isImplied = theirs.socketPath === undefined && (ca !== undefined || port === 8501);
  const tls = wanted ?? theirs.tls ?? isImplied;
  // An authority that the program brings is one to be verified.
  const verify = options.ca !== undefined || (flag(env, "CONSUL_HTTP_SSL_VERIFY") ?? true);
  const token = tokenOf(options.token, env);
  const datacenter = options.datacenter ?? variable(env, "CONSUL_DATACENTER");
  const [cert, key] = [fileIn(env, "CONSUL_CLIENT_CERT"), fileIn(env, "CONSUL_CLIENT_KEY")];
  const serverName = variable(env, "CONSUL_TLS_SERVER_NAME");
  return {
    host: theirs.host ?? "127.0.0.1",
    port: port ?? (tls ? 8501 : 8500),
    tls,
    verify,
    ...(theirs.socketPath === undefined ? {} : { socketPath: theirs.socketPath }),
    ...(token === undefined ? {} : { token }),
    ...(datacenter === undefined ? {} : { datacenter }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

/**
 * Refuses to send a token where others on the way could read it.
 * @throws InvalidOption for a token over plain HTTP, or over TLS that takes any certificate, to another host
 */
export function mustKeepToken({ host, port, tls, verify = true, socketPath, token }: ConsulPlace): void {
  if (token === undefined || socketPath !== undefined || (tls && verify) || isTrusted(host)) return;
  const where = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  throw new InvalidOption(
    `The token would go to ${where} ${tls ? "though its certificate is not verified" : "in the clear"}`,
    tls
      ? "Name its authority by `ca` or CONSUL_CACERT and unset CONSUL_HTTP_SSL_VERIFY, or pass allowInsecureToken: true."
      : "Use TLS (`ca`, `tls: true` or CONSUL_CACERT, and port 8501), or pass allowInsecureToken: true.",
  );
}

/** The shared agent in the platform's own network, which Docker's DNS names to its members alone. */
const PLATFORM_AGENT = "consul-agent-shared";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addAddress("::1", "ipv6");

/** What stays on this host or in the platform's network. Other spellings of loopback (`127.1`) may be asked of DNS. */
function isTrusted(host: string): boolean {
  const family = isIP(host);
  if (family !== 0) return !host.includes("%") && loopback.check(host, family === 4 ? "ipv4" : "ipv6");
  return ["localhost", PLATFORM_AGENT].includes(host.toLowerCase());
}

/** Whether the options want TLS; undefined where they leave it open. An authority alone does not mean a socket. */
function tlsWanted({ tls, ca, port }: PlaceOptions, { socketPath }: Address): boolean | undefined {
  if (tls !== undefined) return tls;
  return socketPath === undefined && (ca !== undefined || port === 8501) ? true : undefined;
}

/** Whether the environment's port is one of the wanted scheme; 8500 and 8501 say themselves which they are of. */
function belongs({ tls, port }: Address, wanted: boolean | undefined): boolean {
  const own = tls ?? (port === 8501 ? true : port === 8500 ? false : wanted);
  return wanted === undefined || own === wanted;
}

/** Node takes a text without certificates for an authority that has signed nothing. @throws InvalidOption for one */
function certificates(name: string, pem: string | undefined): string | undefined {
  if (pem === undefined || pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
  throw new InvalidOption(
    `${name} has no certificate`,
    'Pass the content of a PEM file, which has "-----BEGIN CERTIFICATE-----".',
  );
}

/** @throws InvalidOption for a token that no header can carry, without showing it */
function tokenOf(option: string | undefined, env: Environment): string | undefined {
  const token =
    option ??
    variable(env, "CONSUL_TOKEN") ??
    variable(env, "CONSUL_HTTP_TOKEN") ??
    fileIn(env, "CONSUL_HTTP_TOKEN_FILE")?.trim();
  if (token === undefined || token === "") return undefined;
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new InvalidOption(
    "The token has a space, a line break or another character that no token has",
    "Give the token alone, as `npx rollcall token` prints it.",
  );
}
