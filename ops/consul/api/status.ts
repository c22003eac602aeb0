import * as z from "zod";
import type { ConsulCalls } from "./calls.js";

/** Who leads, as everybody may ask and every server knows. */
export const LEADER_PATH = "/v1/status/leader";

/** `/v1/status`: raft, as a server sees it by itself. */
export class StatusApi {
  constructor(private readonly calls: ConsulCalls) {}

  /** The address of the leader's RPC port; "" if there is no leader. */
  leader(): Promise<string> {
    return this.calls.read(LEADER_PATH, z.string());
  }

  /** The same. @throws UserError if there is no leader */
  async requireLeader(): Promise<string> {
    const leader = await this.leader();
    if (leader === "") throw this.calls.unreachable("it has no leader");
    return leader;
  }

  /** The addresses of the peers' RPC ports. */
  peers(): Promise<readonly string[]> {
    return this.calls.read("/v1/status/peers", z.array(z.string()));
  }
}
