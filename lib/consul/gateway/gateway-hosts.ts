import { PARTS } from "../../platform-names.js";

/** Where the gateway stands, and what else it is called. */
export interface GatewayPlace {
  /** `ROLLCALL_PREFIX`. */
  readonly prefix: string;
  /** The network's name on the host. */
  readonly network: string;
  /** `ROLLCALL_HTTP_HOSTS`. */
  readonly hosts: readonly string[];
}

/** What a request may name as its host: loopback, what Docker calls the container, and what the operator says. */
export function hostsOf({ prefix, network, hosts }: GatewayPlace): readonly string[] {
  const names = [PARTS.gateway, `${prefix}${PARTS.gateway}`].flatMap((name) => [name, `${name}.${network}`]);
  return [...new Set(["localhost", "127.0.0.1", "[::1]", ...names, ...hosts])];
}

/**
 * What `http` says so that `$our_host` is empty where a request was meant for somebody else: a page whose name points to
 * 127.0.0.1 after a while has the browser send its own (DNS rebinding). Who asks by address asks the one that it reached.
 */
export function renderHosts(place: GatewayPlace): string {
  return `  map $host $named_host {
${hostsOf(place)
  .map((host) => `    ${host} yes;`)
  .join("\n")}
    default "";
  }
  map "$host|$proxy_protocol_server_addr" $our_host {
    "~^(.+)[|]\\1$" yes;
    default $named_host;
  }`;
}

/** What `server` says so that it answers nobody else. */
export const OUR_HOSTS_ALONE = `    if ($our_host = "") {
      return 421 "This gateway is not called by that name. ROLLCALL_HTTP_HOSTS takes further names for it.\\n";
    }`;
