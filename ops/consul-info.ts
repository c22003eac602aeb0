/** What one server knows of the cluster by itself, with or without a leader. */
export interface ConsulInfo {
  /** Consul's version. */
  readonly version: string;
  /** Its raft state: `Leader`, `Follower` or `Candidate`. */
  readonly state: string;
  readonly term: number;
  /** The last entry of its raft log; undefined where only a token would tell. */
  readonly lastIndex: number | undefined;
  /** The address of the leader, without port; "" where it knows none. */
  readonly leader: string;
  /** The addresses of those with a vote, without port. */
  readonly voters: readonly string[];
}

/** Reads what `consul info` prints: sections of `key = value`. Pure. */
export function parseConsulInfo(text: string): ConsulInfo {
  const values = new Map<string, string>();
  let section = "";
  for (const line of text.split("\n")) {
    const heading = /^(\w+):$/.exec(line)?.[1];
    if (heading !== undefined) section = heading;
    const [, key, value] = /^\s+(\w+) = (.*)$/.exec(line) ?? [];
    if (key !== undefined) values.set(`${section}.${key}`, value ?? "");
  }
  const of = (key: string) => values.get(key) ?? "";
  const configuration = [...of("raft.latest_configuration").matchAll(/Suffrage:(\w+) ID:\S+ Address:([^\s}]+):\d+/g)];
  return {
    version: of("build.version"),
    state: of("raft.state"),
    term: Number(of("raft.term")),
    lastIndex: Number(of("raft.last_log_index")),
    leader: of("consul.leader_addr").replace(/:\d+$/, ""),
    voters: configuration.flatMap(([, suffrage, address]) => (suffrage === "Voter" ? [address ?? ""] : [])),
  };
}

/** Reads what `consul members` prints: gossip's word (`alive`, `failed`, `left`) by node name. Pure. */
export function parseMembers(text: string): ReadonlyMap<string, string> {
  const rows = text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(/\s+/));
  return new Map(rows.flatMap(([name = "", , state = ""]) => (name === "" ? [] : [[name, state]])));
}
