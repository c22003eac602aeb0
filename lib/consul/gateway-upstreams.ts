import type { Cluster, ClusterMember } from "./cluster";

/** While this file is there, no write is sent to the server of this name: it is about to end (decision 024). */
export function leavingFile(server: string): string {
  return `/tmp/leaving-${server}`;
}

/** The groups of servers that the gateway sends requests to. */
export function renderUpstreams({ servers }: Cluster): string {
  const without = leaving(servers).map(
    ({ name, others }) => `  upstream consul_writers_without_${name} {
${eachTwice(others)}
  }
`,
  );
  return `  # Each server a second time, never left alone: without a leader every read that wants one times out at every server, and
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
${without.join("")}
  # A read that was answered 500 is asked here. Whoever asks what every server answers so has none of them left alone.
  upstream consul_again {
    zone consul_again 64k;
${each(servers, "max_fails=0")}
  }
`;
}

/** What says, in `server`, to which of them a write is sent: `$writers`. */
export function renderWriters({ servers }: Cluster): string {
  const choices = leaving(servers).map(
    ({ name }) => `
    if (-f ${leavingFile(name)}) {
      set $writers consul_writers_without_${name};
    }`,
  );
  return `    set $writers consul_writers;${choices.join("")}`;
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
  return servers.map(({ address }) => `    server ${address}:8501 ${parameters};`).join("\n");
}
