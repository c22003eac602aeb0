/**
 * What stands before the `http` servers of an Nginx and bounds connections where they arrive. `http` itself counts a
 * connection only once it has read a whole header: thousands that never send one cost others the port (decision 038).
 */
export interface Front {
  /** Names its socket and its counters, such as `http`. */
  readonly name: string;
  /** What `listen` takes: a port, or an address with one where another program has that port on another address. */
  readonly listen: readonly string[];
  /** How many connections one address may have open; what is beyond is closed at once. */
  readonly perAddress: number;
  /** How many all together. */
  readonly all: number;
}

/** What begins the configuration: our own image has `stream` as a module, in the official one it is built in. */
export const STREAM_MODULE = "include /etc/nginx/modules-enabled/*-mod-stream.conf;";

/**
 * The block `stream`. A front hands on bytes, and first the client's address; where a server ends a connection the client
 * is told, and may go on sending: else it would lose an answer that comes before it has sent all, such as 413.
 */
export function renderFronts(fronts: readonly Front[]): string {
  return `stream {
${fronts.map(renderZones).join("\n")}
  proxy_protocol on;
  # Two for each connection.
  proxy_buffer_size 4k;
  proxy_connect_timeout 1s;
  proxy_half_close on;
  # Longer than a blocking query says nothing.
  proxy_timeout 660s;

${fronts.map(renderFront).join("\n")}
}`;
}

/** What `listen` of the `http` server behind a front takes. */
export function behind({ name }: Pick<Front, "name">): string {
  return `${socketOf(name)} proxy_protocol backlog=4096`;
}

/**
 * What `http` says so that `$remote_addr` is the client's. The address at which the client arrived is
 * `$proxy_protocol_server_addr`: `$server_addr` is the socket.
 */
export const BEHIND_FRONTS = `  set_real_ip_from unix:;
  real_ip_header proxy_protocol;`;

/**
 * What `worker_connections` takes, and as many files may be open. Of each client's connection there are three ends: the
 * client's, and both of the socket between front and server.
 * @param toServers how many connections it may have to those that it asks
 */
export function connectionsFor(fronts: readonly Front[], toServers: number): number {
  return fronts.reduce((sum, { all }) => sum + 3 * all, 0) + toServers;
}

function socketOf(name: string): string {
  return `unix:/tmp/${name}.sock`;
}

function renderZones({ name }: Front): string {
  return `  limit_conn_zone $binary_remote_addr zone=${name}_per_address:1m;
  limit_conn_zone all zone=${name}_all:32k;`;
}

function renderFront({ name, listen, perAddress, all }: Front): string {
  return `  server {
    # A burst waits in the backlog; a full one loses connections, and a client tries again only after a second.
${listen.map((place) => `    listen ${place} backlog=4096;`).join("\n")}
    limit_conn ${name}_per_address ${perAddress};
    limit_conn ${name}_all ${all};
    proxy_pass ${socketOf(name)};
  }`;
}
