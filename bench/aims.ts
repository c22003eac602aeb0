/** Where an aim comes from: the issue that asks for it, or a measurement of ours, with room for a busy machine. */
type Source = "issue 6" | "ours";

/** A row of docs/reliability.md's table by what its first cell says, and the seconds aimed at, in the row's order. */
interface Row {
  readonly row: string;
  readonly source: Source;
  readonly seconds: Readonly<Record<string, number>>;
}

/**
 * The aims of docs/reliability.md, in its order. The tests wait three times as long and print what it took; a unit test
 * compares the page with this. Seconds without an acknowledged write are `writes`, those without an answer to a reader
 * `reads`.
 */
export const AIMS = {
  leaderKilled: { row: "the leader's process killed", source: "issue 6", seconds: { writes: 3, whole: 20 } },
  serverRemoved: { row: "a server's container removed", source: "ours", seconds: { writes: 3, up: 60, whole: 20 } },
  twoDown: { row: "two servers down", source: "ours", seconds: { staleReads: 1, writes: 10, whole: 20 } },
  agentKilled: { row: "the shared agent's process killed", source: "issue 6", seconds: { asBefore: 10, writes: 1 } },
  registrarKilled: { row: "the registrar's process killed", source: "ours", seconds: { live: 5, writes: 1 } },
  upstreamGone: { row: "a server behind the gateway gone", source: "issue 6", seconds: { reads: 1 } },
  upstreamHanging: { row: "a server behind the gateway hanging", source: "issue 6", seconds: { reads: 6 } },
  networkCut: { row: "the network cut", source: "ours", seconds: { writes: 6, staleReads: 2, whole: 20 } },
  roll: { row: "a change of the servers' configuration", source: "issue 6", seconds: { writes: 3, up: 60 } },
  deploy: { row: "the same by plain `cdktf deploy", source: "issue 6", seconds: { writes: 3 } },
  upgrade: { row: "Consul 1.22.3 becomes 1.22.5", source: "issue 6", seconds: { writes: 3, up: 60 } },
  serverCount: { row: "3 → 5 servers", source: "ours", seconds: { writes: 3, more: 90, fewer: 120, asked: 10 } },
  exchange: { row: "secrets exchanged", source: "ours", seconds: { writes: 3, verb: 60 } },
  exchangeInterrupted: { row: "the same, each exchange interrupted", source: "ours", seconds: { writes: 3 } },
  renewal: { row: "certificates in their last 30 days", source: "ours", seconds: { writes: 3, shown: 10 } },
  backend: { row: "a platform whose state lies in PostgreSQL", source: "ours", seconds: { writes: 3 } },
  recover: { row: "two of three servers lost", source: "ours", seconds: { verb: 90, staleReads: 20 } },
  restore: { row: "everything lost", source: "ours", seconds: { verb: 90 } },
  restoreRunning: {
    row: "a backup restored into a platform that runs",
    source: "ours",
    seconds: { verb: 90, reads: 3 },
  },
  repairInterrupted: {
    row: "`restore` and `recover` interrupted",
    source: "ours",
    seconds: { writes: 3, verb: 90, staleReads: 20 },
  },
  serversRestarted: { row: "all servers stopped and started", source: "ours", seconds: { leader: 15, shown: 20 } },
  stopStart: { row: "the platform stopped and started", source: "ours", seconds: { stop: 20, start: 30, writes: 45 } },
  keepData: { row: "`down --keep-data` and `up`", source: "ours", seconds: { down: 20, up: 60, writes: 90 } },
  powerCut: { row: "the power cut", source: "ours", seconds: { leader: 20, shown: 45, clients: 30 } },
  dockerd: { row: "`dockerd` restarted", source: "ours", seconds: { shown: 60 } },
  diskFull: { row: "a server's data volume full", source: "ours", seconds: { writes: 10, whole: 60 } },
  overloaded: { row: "twice the load that the gateway sustains", source: "ours", seconds: { others: 5 } },
  agentOverloaded: { row: "the same at the shared agent", source: "ours", seconds: { others: 5 } },
  unfinished: { row: "what is begun and never ended", source: "ours", seconds: { others: 1 } },
  connections: { row: "one client that opens 2,000 connections", source: "ours", seconds: { others: 1 } },
} as const satisfies Readonly<Record<string, Row>>;
