import { readFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import { InvalidOption } from "./errors.js";

/** Environment variables by their names. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where Consul is, as far as one source says it. */
export interface Address {
  /** Host name or IP address, IPv6 without brackets. */
  readonly host?: string;
  readonly port?: number;
  readonly tls?: boolean;
  /** A Unix socket instead of host and port. */
  readonly socketPath?: string;
}

/**
 * Where the environment says that Consul is. `CONSUL_HOST` names a place of its own, to which neither the port nor the
 * scheme of `CONSUL_HTTP_ADDR` belongs. A port takes the place of the port there, and of a Unix socket.
 * @param port stands over that of the environment
 * @throws InvalidOption for a value that names no place
 */
export function addressIn(env: Environment, port = portOf("CONSUL_PORT", variable(env, "CONSUL_PORT"))): Address {
  const host = variable(env, "CONSUL_HOST");
  const other =
    host === undefined ? parseAddress(variable(env, "CONSUL_HTTP_ADDR")) : { host: hostOf("CONSUL_HOST", host) };
  const named = other.socketPath !== undefined && port !== undefined ? {} : other;
  const tls = flag(env, "CONSUL_HTTP_SSL");
  return { ...named, ...(port === undefined ? {} : { port }), ...(tls === undefined ? {} : { tls }) };
}

/** The value of a variable; undefined where it is empty or not set. */
export function variable(env: Environment, name: string): string | undefined {
  return env[name] === "" ? undefined : env[name];
}

/** A port as an environment variable has it. @throws InvalidOption where it is none */
export function portOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535)
    throw new InvalidOption(`${name} is ${JSON.stringify(text)}`, "Write a number from 1 to 65535.");
  return port;
}

/** A host name or an IP address, IPv6 without brackets. @throws InvalidOption for a URL, a port, or anything else */
export function hostOf(name: string, text: string): string {
  const bare = /^\[.*\]$/.test(text) ? text.slice(1, -1) : text;
  if (isIPv6(bare) || (bare === text && /^[^\s\p{C}:/?#@[\]\\%]+$/u.test(text))) return bare;
  const url = URL.canParse(text) && /:\/\//.test(text) ? text : `http://${text}`;
  const meant = URL.canParse(url) ? new URL(url).hostname : "";
  const example = meant === "" ? "consul-agent-shared" : meant;
  throw new InvalidOption(
    `${name} is ${shown(text)}, which is not the name or the IP address of a host`,
    `Write the host alone, such as ${JSON.stringify(example)}; the port and TLS have settings of their own.`,
  );
}

/** Whether a variable turns something on; undefined where it is not set. @throws InvalidOption for another word */
export function flag(env: Environment, name: string): boolean | undefined {
  const text = variable(env, name);
  if (text === undefined) return undefined;
  if (["1", "true", "t", "yes", "on"].includes(text.toLowerCase())) return true;
  if (["0", "false", "f", "no", "off"].includes(text.toLowerCase())) return false;
  throw new InvalidOption(`${name} is ${JSON.stringify(text)}`, "Write true or false.");
}

/** The content of the file that a variable names; undefined where it names none. @throws InvalidOption if unreadable */
export function fileIn(env: Environment, name: string): string | undefined {
  const path = variable(env, name);
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new InvalidOption(`${name} cannot be read: ${why}`, "Name a file that this process may read.");
  }
}

function parseAddress(text: string | undefined): Address {
  if (text === undefined) return {};
  if (text.length > "unix://".length && text.startsWith("unix://"))
    return { socketPath: text.slice("unix://".length), host: "localhost", tls: false };
  const bare = text.replace(/^tcp:\/\//i, "");
  const full = /^https?:\/\//i.test(bare) ? bare : `http://${bare}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  // What cannot be kept to is refused: a request would go to another place, or as somebody else.
  if (
    url === undefined ||
    url.port === "0" ||
    url.pathname !== "/" ||
    `${url.search}${url.hash}${url.username}${url.password}` !== ""
  )
    throw new InvalidOption(
      `CONSUL_HTTP_ADDR is ${shown(text)}`,
      "Write host:port, https://host:port or unix:///path, without a user and without a path.",
    );
  const tls = full === bare ? { tls: url.protocol === "https:" } : {};
  // URL leaves out the port that is the scheme's own.
  const port = url.port === "" && /:\d+\/?$/.test(text) ? (tls.tls === true ? 443 : 80) : Number(url.port);
  return { host: hostOf("CONSUL_HTTP_ADDR", url.hostname), ...tls, ...(port > 0 ? { port } : {}) };
}

/** An address as an error shows it: without a user and a password. */
function shown(text: string): string {
  return JSON.stringify(text.replace(/^(\w+:\/\/)?.*@/s, "$1…@").slice(0, 200));
}
