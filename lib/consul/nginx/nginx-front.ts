import { ERROR_LOG } from "./nginx.js";

/**
 * What stands before the `http` servers of an Nginx and bounds connections where they arrive. `http` itself counts a
 * connection only once it has read a whole header: thousands that never send one cost others the port (decision 038).
 */
export interface Front {
  /** Names its counters, such as `http`. */
  readonly name: string;
  /** What `listen` takes: a port, or addresses with one where another program has that port on another address. */
  readonly listen: readonly string[];
  /** How many connections one address may have open; what is beyond is closed at once. */
  readonly perAddress: number;
  /** How many all together. */
  readonly all: number;
}

/**
 * What the kernel may keep of answers that a client does not read, on its connection and on the one behind it. A request is
 * done when its answer is handed over, so each connection can have one waiting. Between front and server that is no Unix
 * socket, which would keep 180 KB, of the container's memory, whatever is asked of it.
 */
const SEND_BUFFER = "sndbuf=16k";

/** The same for what is received and not read: a socket begins with room for 16 KB, and gets more as it is read. */
export const FRONT_SYSCTLS = { "net.ipv4.tcp_rmem": "4096 16384 6291456" } as const;

/** What begins the configuration: our own image has `stream` as a module, in the official one it is built in. */
const STREAM_MODULE = "include /etc/nginx/modules-enabled/*-mod-stream.conf;";

/** What `renderMain` says before `http`. */
export interface NginxMain {
  readonly fronts: readonly Front[];
  /** What `connectionsFor` gives. */
  readonly connections: number;
  /** Files that may be open besides those. @default 0 */
  readonly moreFiles?: number;
  /** What stands before everything else, such as a module. @default - nothing */
  readonly before?: string;
}

/** The configuration of a container's Nginx up to `http`: one worker, which stays in the foreground. */
export function renderMain({ fronts, connections, moreFiles = 0, before }: NginxMain): string {
  return `${[STREAM_MODULE, ...(before === undefined ? [] : [before])].join("\n")}
daemon off;
worker_processes 1;
worker_rlimit_nofile ${connections + moreFiles};
pid /tmp/nginx.pid;
${ERROR_LOG}

${renderEvents(connections)}

${renderFronts(fronts)}`;
}

/**
 * The block `events`. A worker takes all connections that wait for it at once: else a busy one takes one of them each time
 * round, and clients gave up before they were asked what they want (of 200 requests 104 within 10 s, chaos/load).
 * @param connections what `connectionsFor` gives
 */
export function renderEvents(connections: number): string {
  return `events {
  worker_connections ${connections};
  multi_accept on;
}`;
}

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
export function behind(front: Pick<Front, "listen">, tls: "ssl" | "" = ""): string {
  return `${innerOf(front)} ${tls === "" ? "" : "ssl "}proxy_protocol backlog=4096 ${SEND_BUFFER}`;
}

/**
 * What `http` says so that `$remote_addr` is the client's. The address at which the client arrived is
 * `$proxy_protocol_server_addr`: `$server_addr` is loopback.
 */
export const BEHIND_FRONTS = `  set_real_ip_from 127.0.0.1;
  real_ip_header proxy_protocol;`;

/**
 * What `worker_connections` takes, and as many files may be open. Of each client's connection there are three ends: the
 * client's, and both of the one between front and server.
 * @param toServers how many connections it may have to those that it asks
 */
export function connectionsFor(fronts: readonly Front[], toServers: number): number {
  return fronts.reduce((sum, { all }) => sum + 3 * all, 0) + toServers;
}

/** On loopback, 10,000 above the port that clients know. */
function innerOf({ listen: [first = ""] }: Pick<Front, "listen">): string {
  return `127.0.0.1:${10_000 + Number(first.replace(/^.*:/, ""))}`;
}

function renderZones({ name }: Front): string {
  return `  limit_conn_zone $binary_remote_addr zone=${name}_per_address:1m;
  limit_conn_zone all zone=${name}_all:32k;`;
}

/** For an Nginx that bounds all its requests alike: they are counted by address, and all together. */
export const COUNT_REQUESTS = `  limit_conn_zone $binary_remote_addr zone=requests_per_address:1m;
  limit_conn_zone all zone=requests_all:32k;
  limit_conn_status 429;`;

function renderFront(front: Front): string {
  const { name, listen, perAddress, all } = front;
  return `  server {
    # A burst waits in the backlog; a full one loses connections, and a client tries again only after a second.
${listen.map((place) => `    listen ${place} backlog=4096 ${SEND_BUFFER};`).join("\n")}
    limit_conn ${name}_per_address ${perAddress};
    limit_conn ${name}_all ${all};
    proxy_pass ${innerOf(front)};
  }`;
}
