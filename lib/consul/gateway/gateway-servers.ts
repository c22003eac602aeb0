import { CA_FILE } from "../agents/agent-config.js";
import type { Cluster, ClusterMember } from "../cluster.js";

/** What a gateway knows of the servers, in SERVERS: the certificates that it trusts, and what is rendered here. */
export const SERVER_FILES = {
  ca: CA_FILE,
  servers: "servers.conf",
  writers: "writers.conf",
  pages: "pages.conf",
} as const;

/**
 * How often one write may look for a server that takes a connection: each twice, as reads do, but less often than Nginx
 * lets a request change its location (10 times: to wait, to be sent, seven times more, and to be refused).
 */
const MOST_CONNECTIONS_OF_A_WRITE = 8;

/** The servers that the audit log asks. */
export const ASKED_BY_AUDIT = "consul_audit";

/** While this file is there, no write is sent to the server of this name: it is about to end (decision 024). */
export function leavingFile(server: string): string {
  return `/tmp/leaving-${server}`;
}

/** What stands in `http`: the groups of servers that requests are sent to, and when a write is sent to another one. */
export function renderServers({ servers }: Cluster): string {
  const retries = Math.min(2 * servers.length, MOST_CONNECTIONS_OF_A_WRITE) - 1;
  const without = leaving(servers).map(
    ({ name, others }) => `upstream consul_writers_without_${name} {
${eachTwice(others)}
}

`,
  );
  return `# Each server a second time, never left alone: without a leader every read that wants one times out at every server, and
# with none left Nginx would answer 502 to all, stale reads included, without asking anybody.
upstream consul_servers {
  zone consul_servers 64k;
${eachTwice(servers)}
  keepalive 64;
}

# A write has a connection of its own: a server may just be closing one that is kept, and nobody could tell what became
# of a write that met that.
upstream consul_writers {
  zone consul_writers 64k;
${eachTwice(servers)}
}

${without.join("")}# A read that was answered 500 is asked here. Whoever asks what every server answers so has none of them left alone.
upstream consul_again {
  zone consul_again 64k;
${each(servers, "max_fails=0")}
}

# Who wants to know whose a token is waits a second at most: that a server took longer must not count for reads.
upstream ${ASKED_BY_AUDIT} {
  zone ${ASKED_BY_AUDIT} 64k;
${each(servers, "max_fails=1 fail_timeout=10s")}
  keepalive 16;
}

# Where a write goes on that got no answer. The connect time is "-" where no connection came about, one for each attempt.
# One that was held back has a number before: no other is tried again after a number.
map "$upstream_connect_time|$upstream_status" $unanswered_write {
  volatile;
  "~^([0-9.]+(, | : ))?(- : ){0,${retries - 1}}-[|]" @write;
  "~[| ]504$" @write_timed_out;
  default @write_failed;
}
`;
}

/** What stands in `server`: to which of them a write is sent, `$writers`. */
export function renderWriters({ servers }: Cluster): string {
  const choices = leaving(servers).map(
    ({ name }) => `if (-f ${leavingFile(name)}) {
  set $writers consul_writers_without_${name};
}
`,
  );
  return `set $writers consul_writers;\n${choices.join("")}`;
}

/** The servers that may be spared, each with those that then do its work. A single one cannot be. */
function leaving(servers: readonly ClusterMember[]) {
  if (servers.length === 1) return [];
  return servers.map((server) => ({ name: server.name, others: servers.filter((other) => other !== server) }));
}

function eachTwice(servers: readonly ClusterMember[]): string {
  return `${each(servers, "max_fails=1 fail_timeout=10s")}\n${each(servers, "max_fails=0 backup")}`;
}

function each(servers: readonly ClusterMember[], parameters: string): string {
  return servers.map(({ address }) => `  server ${address}:8501 ${parameters};`).join("\n");
}
