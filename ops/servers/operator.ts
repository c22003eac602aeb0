import { z } from "zod";
import { TRANSFER_LEADER } from "../../lib/consul/gateway-config";
import type { Settings } from "../../lib/settings";
import { UserError } from "../../lib/user-error";
import { adminDoor } from "../admin-door";
import { consulRequest, type Door, type Question } from "../consul-request";
import type { Terraform } from "../terraform";

/** A server as autopilot sees it. */
export interface ServerHealth {
  /** Raft's id of it: another one after its data were lost. */
  readonly id: string;
  /** Consul's node name, e.g. `consul-server-1`. */
  readonly name: string;
  readonly isHealthy: boolean;
  readonly isVoter: boolean;
  readonly isLeader: boolean;
}

/** Autopilot's judgement of the servers. */
export interface ClusterHealth {
  readonly isHealthy: boolean;
  /** How many servers may fail before there is no quorum. */
  readonly failureTolerance: number;
  readonly servers: readonly ServerHealth[];
}

/** A member of the raft configuration. */
export interface RaftPeer {
  readonly id: string;
  /** `(unknown)` where gossip does not know it any more. */
  readonly name: string;
  /** Without the port. */
  readonly address: string;
  readonly isVoter: boolean;
  readonly isLeader: boolean;
}

const healthSchema = z.object({
  Healthy: z.boolean(),
  FailureTolerance: z.number(),
  Servers: z
    .array(
      z.object({ ID: z.string(), Name: z.string(), Healthy: z.boolean(), Voter: z.boolean(), Leader: z.boolean() }),
    )
    .nullable(),
});
const raftSchema = z.object({
  Servers: z.array(
    z.object({ ID: z.string(), Node: z.string(), Address: z.string(), Voter: z.boolean(), Leader: z.boolean() }),
  ),
});
const autopilotSchema = z.looseObject({ MinQuorum: z.number(), ModifyIndex: z.number() });
const nodesSchema = z.array(z.object({ Node: z.string() }));

/** Consul's operator API through the gateway, with the management token: what the servers are to each other. */
export class Operator {
  constructor(private readonly door: Door) {}

  async health(): Promise<ClusterHealth> {
    // 429 is its word for unhealthy, and has the same body.
    const text = await this.ask({ path: "/v1/operator/autopilot/health", takes: [429] });
    const { Healthy, FailureTolerance, Servers } = healthSchema.parse(JSON.parse(text));
    return {
      isHealthy: Healthy,
      failureTolerance: FailureTolerance,
      servers: (Servers ?? []).map((each) => ({
        ...{ id: each.ID, name: each.Name },
        ...{ isHealthy: each.Healthy, isVoter: each.Voter, isLeader: each.Leader },
      })),
    };
  }

  /** The address of the leader's RPC port; "" where there is none. */
  async leader(): Promise<string> {
    return z.string().parse(JSON.parse(await this.ask({ path: "/v1/status/leader" })));
  }

  /** Asks the leader to step back in favour of a server that has all that it has. */
  async transferLeadership(id: string): Promise<void> {
    await this.ask({ method: "POST", path: `${TRANSFER_LEADER}?id=${encodeURIComponent(id)}` });
  }

  async peers(): Promise<readonly RaftPeer[]> {
    const { Servers } = raftSchema.parse(JSON.parse(await this.ask({ path: "/v1/operator/raft/configuration" })));
    return Servers.map((each) => ({
      ...{ id: each.ID, name: each.Node, address: each.Address.replace(/:\d+$/, "") },
      ...{ isVoter: each.Voter, isLeader: each.Leader },
    }));
  }

  async removePeer(id: string): Promise<void> {
    await this.ask({ method: "DELETE", path: `/v1/operator/raft/peer?id=${encodeURIComponent(id)}` });
  }

  /** Has gossip forget a member that does not run any more. */
  async forget(node: string): Promise<void> {
    await this.ask({ method: "PUT", path: `/v1/agent/force-leave/${encodeURIComponent(node)}?prune` });
  }

  /** The nodes in the catalog. */
  async nodes(): Promise<readonly string[]> {
    return nodesSchema.parse(JSON.parse(await this.ask({ path: "/v1/catalog/nodes" }))).map(({ Node }) => Node);
  }

  /**
   * Sets autopilot's `min_quorum`, below which it throws no dead server out. In the servers' files it counts only when
   * a cluster is founded.
   * @returns what it was before
   */
  async setMinQuorum(servers: number): Promise<number> {
    const path = "/v1/operator/autopilot/configuration";
    const held = autopilotSchema.parse(JSON.parse(await this.ask({ path })));
    if (held.MinQuorum === servers) return held.MinQuorum;
    const wanted = { ...held, MinQuorum: servers };
    const answer = await this.ask({ method: "PUT", path: `${path}?cas=${held.ModifyIndex}`, body: wanted });
    if (answer.trim() !== "true")
      throw new UserError("Somebody changed autopilot's settings at the same moment", "Run `npm run up` again.");
    return held.MinQuorum;
  }

  private ask(question: Question): Promise<string> {
    return consulRequest(this.door, question);
  }
}

/** The operator API of the platform that these settings describe. @throws UserError where it was never applied */
export async function operatorOf(settings: Settings, terraform: Terraform): Promise<Operator> {
  return new Operator(await adminDoor(settings, terraform));
}
