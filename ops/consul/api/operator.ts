import * as z from "zod";
import { TRANSFER_LEADER } from "../../../lib/consul/gateway/gateway-config.js";
import { UserError } from "../../../lib/user-error.js";
import { withoutPort } from "./agent.js";
import type { ConsulCalls } from "./calls.js";

/** A server as raft sees it. */
interface Server {
  /** Raft's id of it: another one after its data were lost. */
  readonly id: string;
  /** Consul's node name, e.g. `consul-server-1`; `(unknown)` where gossip does not know it any more. */
  readonly name: string;
  readonly isVoter: boolean;
  readonly isLeader: boolean;
}

/** A server as autopilot sees it. */
export interface ServerHealth extends Server {
  readonly isHealthy: boolean;
}

/** Autopilot's judgement of the servers. */
export interface ClusterHealth {
  readonly isHealthy: boolean;
  /** How many servers may fail before there is no quorum. */
  readonly failureTolerance: number;
  readonly servers: readonly ServerHealth[];
}

/** A member of the raft configuration. */
export interface RaftPeer extends Server {
  /** Without the port. */
  readonly address: string;
}

const standing = { ID: z.string(), Voter: z.boolean(), Leader: z.boolean() };
const healthSchema = z.object({
  Healthy: z.boolean(),
  FailureTolerance: z.number(),
  Servers: z.array(z.object({ ...standing, Name: z.string(), Healthy: z.boolean() })).nullable(),
});
const raftSchema = z.object({
  Servers: z.array(z.object({ ...standing, Node: z.string(), Address: z.string() })),
});
const autopilotSchema = z.looseObject({ MinQuorum: z.number(), ModifyIndex: z.number() });

/** `/v1/operator`: what the servers are to each other. */
export class OperatorApi {
  constructor(private readonly calls: ConsulCalls) {}

  async health(): Promise<ClusterHealth> {
    const { Healthy, FailureTolerance, Servers } = await this.calls.read(
      "/v1/operator/autopilot/health",
      healthSchema,
      // Its word for unhealthy, with the same body.
      { accepts: ({ status }) => status === 429 },
    );
    return {
      isHealthy: Healthy,
      failureTolerance: FailureTolerance,
      servers: (Servers ?? []).map((each) => ({
        ...{ id: each.ID, name: each.Name },
        ...{ isHealthy: each.Healthy, isVoter: each.Voter, isLeader: each.Leader },
      })),
    };
  }

  /** Asks the leader to step back in favour of a server that has all that it has. */
  async transferLeadership(id: string): Promise<void> {
    await this.calls.send("POST", `${TRANSFER_LEADER}?id=${encodeURIComponent(id)}`);
  }

  async peers(): Promise<readonly RaftPeer[]> {
    const { Servers } = await this.calls.read("/v1/operator/raft/configuration", raftSchema);
    return Servers.map((each) => ({
      ...{ id: each.ID, name: each.Node, address: withoutPort(each.Address) },
      ...{ isVoter: each.Voter, isLeader: each.Leader },
    }));
  }

  async removePeer(id: string): Promise<void> {
    await this.calls.send("DELETE", `/v1/operator/raft/peer?id=${encodeURIComponent(id)}`);
  }

  /**
   * Sets autopilot's `min_quorum`, below which it throws no dead server out. In the servers' files it counts only when
   * a cluster is founded.
   * @returns what it was before
   */
  async setMinQuorum(servers: number): Promise<number> {
    const path = "/v1/operator/autopilot/configuration";
    const held = await this.calls.read(path, autopilotSchema);
    if (held.MinQuorum === servers) return held.MinQuorum;
    const body = { ...held, MinQuorum: servers };
    const answer = await this.calls.send("PUT", `${path}?cas=${held.ModifyIndex}`, { body });
    if (answer.body.toString().trim() !== "true")
      throw new UserError("Somebody changed autopilot's settings at the same moment", "Run `npx rollcall up` again.");
    return held.MinQuorum;
  }
}
