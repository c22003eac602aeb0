import { z } from "zod";
import { consulRequest, unreachable } from "./consul-request";

/** An instance as Consul's catalog has it. */
export interface LiveInstance {
  readonly node: string;
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, string>>;
}

/** A check's state as Consul's catalog has it. */
export interface LiveCheck {
  readonly node: string;
  readonly serviceId: string;
  readonly status: string;
  /** `http`, `tcp`, `ttl`, …; "" for the node's own. */
  readonly type: string;
  readonly output: string;
}

const serviceSchema = z.object({
  ID: z.string(),
  Service: z.string(),
  // Left out where it is none.
  Address: z.string().default(""),
  Port: z.number().default(0),
  Tags: z.array(z.string()).nullable(),
  Meta: z.record(z.string(), z.string()).nullable(),
});
const nodesSchema = z.array(z.object({ Node: z.string() }));
const nodeServicesSchema = z.object({ Services: z.array(serviceSchema).nullable() });
const checksSchema = z.array(
  z.object({
    ...{ Node: z.string(), ServiceID: z.string(), Status: z.string(), Type: z.string(), Output: z.string() },
    CheckID: z.string().default(""),
    Notes: z.string().default(""),
  }),
);

/** A GET of Consul's API: what a path answers, parsed. @throws UserError where there is no such answer */
export type Ask = (path: string) => Promise<unknown>;

/** Reads Consul's catalog. */
export class ConsulClient {
  constructor(private readonly ask: Ask) {}

  async instances(): Promise<readonly LiveInstance[]> {
    const nodes = nodesSchema.parse(await this.ask("/v1/catalog/nodes"));
    const perNode = await Promise.all(
      nodes.map(async ({ Node }) => {
        const answer = await this.ask(`/v1/catalog/node-services/${encodeURIComponent(Node)}`);
        const { Services } = nodeServicesSchema.parse(answer ?? { Services: [] });
        return (Services ?? []).map((service) => ({
          node: Node,
          id: service.ID,
          name: service.Service,
          address: service.Address,
          port: service.Port,
          tags: service.Tags ?? [],
          meta: service.Meta ?? {},
        }));
      }),
    );
    return perNode.flat();
  }

  async checks(): Promise<readonly LiveCheck[]> {
    const checks = checksSchema.parse(await this.ask("/v1/health/state/any"));
    return checks.map((check) => ({
      node: check.Node,
      serviceId: check.ServiceID,
      status: check.Status,
      type: check.Type,
      output: /^_(node|service)_maintenance/.test(check.CheckID) ? maintenance(check) : check.Output,
    }));
  }

  /** The address of the leader's RPC port. @throws UserError where there is none */
  async leader(): Promise<string> {
    const leader = z.string().parse(await this.ask("/v1/status/leader"));
    if (leader === "") throw unreachable("it has no leader");
    return leader;
  }
}

/** Of maintenance mode Consul says nothing in the check's output. */
function maintenance({ Node, ServiceID, Notes }: { Node: string; ServiceID: string; Notes: string }): string {
  const service = ServiceID === "" ? "" : ` -service=${ServiceID}`;
  return `${Node} is in maintenance mode (${Notes}); \`consul maint -disable${service}\` there, with a token, ends it`;
}

/**
 * Asks through the gateway, over TLS that is verified, as anybody: without a token.
 * @param port the gateway's HTTPS port on 127.0.0.1
 */
export function throughGateway(port: number, caPem: string): Ask {
  return async (path) => JSON.parse(await consulRequest({ port, caPem }, { path }));
}
