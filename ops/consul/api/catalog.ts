import * as z from "zod";
import type { ConsulCalls, Filtered } from "./calls.js";
import type { Named } from "./named.js";

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

const nodesSchema = z.array(z.object({ ID: z.string(), Node: z.string() }));
const serviceSchema = z.object({
  ID: z.string(),
  Service: z.string(),
  // Left out where it is none.
  Address: z.string().default(""),
  Port: z.number().default(0),
  Tags: z.array(z.string()).nullable(),
  Meta: z.record(z.string(), z.string()).nullable(),
});
/** `null` of a node that has gone meanwhile. */
const nodeServicesSchema = z.object({ Services: z.array(serviceSchema).nullable() }).nullable();

/** `/v1/catalog`: nodes, and the services at them. */
export class CatalogApi {
  constructor(private readonly calls: ConsulCalls) {}

  async nodes(): Promise<readonly Named[]> {
    const nodes = await this.calls.readNear("/v1/catalog/nodes", nodesSchema);
    return nodes.map(({ ID, Node }) => ({ id: ID, name: Node }));
  }

  /** Every instance of every service. */
  async instances(): Promise<readonly LiveInstance[]> {
    const perNode = await Promise.all((await this.nodes()).map(({ name }) => this.instancesAt(name)));
    return perNode.flat();
  }

  /** The names of the services, and whether some were left out because the token may not read them. */
  async serviceNames(): Promise<Filtered<readonly string[]>> {
    const schema = z.record(z.string(), z.unknown());
    const { value, isFiltered } = await this.calls.readFiltered("/v1/catalog/services", schema);
    return { value: Object.keys(value), isFiltered };
  }

  /** Takes a node away, with all that is registered at it. */
  async deregisterNode(name: string): Promise<void> {
    await this.calls.send("PUT", "/v1/catalog/deregister", { body: { Node: name } });
  }

  private async instancesAt(node: string): Promise<readonly LiveInstance[]> {
    const path = `/v1/catalog/node-services/${encodeURIComponent(node)}`;
    const answer = await this.calls.readNear(path, nodeServicesSchema);
    return (answer?.Services ?? []).map((service) => ({
      ...{ node, id: service.ID, name: service.Service, address: service.Address, port: service.Port },
      ...{ tags: service.Tags ?? [], meta: service.Meta ?? {} },
    }));
  }
}
