import * as z from "zod";
import type { ConsulCalls } from "./calls.js";

/** What an agent knows by itself, with or without a leader; of raft a server alone knows something. */
export interface AgentSelf {
  readonly meta: Readonly<Record<string, string>>;
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

/** A member of the gossip pool. */
export interface Member {
  /** Its node's name. */
  readonly name: string;
  /** Its node's id; "" where it does not tell. */
  readonly id: string;
  /** Gossip's word: `alive`, `failed`, `left`, … */
  readonly state: string;
}

const selfSchema = z.object({
  Meta: z.record(z.string(), z.string()).nullish(),
  Stats: z.record(z.string(), z.record(z.string(), z.string())).default({}),
});
const membersSchema = z.array(
  z.object({ Name: z.string(), Tags: z.record(z.string(), z.string()).default({}), Status: z.number() }),
);

/** Serf's states, by the numbers that the API has for them. */
const STATES: readonly string[] = ["none", "alive", "leaving", "left", "failed"];

/** `/v1/agent`: what the agent that is asked knows. */
export class AgentApi {
  constructor(private readonly calls: ConsulCalls) {}

  async self(): Promise<AgentSelf> {
    const { Meta, Stats } = await this.calls.read("/v1/agent/self", selfSchema);
    const { build = {}, consul = {}, raft = {} } = Stats;
    const peers = (raft.latest_configuration ?? "").matchAll(/Suffrage:(\w+) ID:\S+ Address:([^\s}]+):\d+/g);
    return {
      meta: Meta ?? {},
      version: build.version ?? "",
      state: raft.state ?? "",
      term: Number(raft.term ?? ""),
      lastIndex: Number(raft.last_log_index ?? ""),
      leader: withoutPort(consul.leader_addr ?? ""),
      voters: [...peers].flatMap(([, suffrage, address = ""]) => (suffrage === "Voter" ? [address] : [])),
    };
  }

  async members(): Promise<readonly Member[]> {
    const members = await this.calls.read("/v1/agent/members", membersSchema);
    return members.map(({ Name, Tags, Status }) => ({
      name: Name,
      id: Tags.id ?? "",
      state: STATES[Status] ?? "unknown",
    }));
  }

  /** Has gossip forget a member that does not run any more. */
  async forget(node: string): Promise<void> {
    await this.calls.send("PUT", `/v1/agent/force-leave/${encodeURIComponent(node)}?prune`);
  }
}

/** An address without its port. */
export function withoutPort(address: string): string {
  return address.replace(/:\d+$/, "");
}
