import * as z from "zod";

/** A check, as Consul's catalog has it. */
export interface SeenCheck {
  readonly node: string;
  readonly check: string;
  /** "" for a check of the node. */
  readonly id: string;
  readonly service: string;
  readonly status: string;
  readonly output: string;
}

/** What Consul has registered. */
export interface Seen {
  readonly checks: readonly SeenCheck[];
  /** Name by id of what is registered on the watched node. */
  readonly registered: ReadonlyMap<string, string>;
  /** Names of all services in the datacenter. */
  readonly names: readonly string[];
}

/** Whether a check is there only to say that a node or a service is in maintenance mode. */
export function isMaintenance(check: string): boolean {
  return /^_(?:node|service)_maintenance/.test(check);
}

const checksSchema = z.array(
  z
    .object({
      ...{ Node: z.string(), CheckID: z.string(), ServiceID: z.string(), ServiceName: z.string() },
      ...{ Status: z.string(), Output: z.string(), Notes: z.string().default("") },
    })
    .transform(({ Node, CheckID, ServiceID, ServiceName, Status, Output, Notes }) => ({
      ...{ node: Node, check: CheckID, id: ServiceID, service: ServiceName, status: Status },
      // Why something is in maintenance stands in its notes.
      output: isMaintenance(CheckID) ? Notes : Output,
    })),
);

const nodeSchema = z
  .object({ Services: z.nullable(z.array(z.object({ ID: z.string(), Service: z.string() }))) })
  .nullable();
const namesSchema = z.record(z.string(), z.unknown());

/** The answer of `/v1/health/state/any`. */
export function readChecks(body: Buffer): readonly SeenCheck[] {
  return checksSchema.parse(JSON.parse(body.toString("utf8")));
}

/** The answer of `/v1/catalog/node-services/NODE`: name by id. A node that is gone has none. */
export function readRegistered(body: Buffer): ReadonlyMap<string, string> {
  const node = nodeSchema.parse(JSON.parse(body.toString("utf8")));
  return new Map((node?.Services ?? []).map(({ ID, Service }) => [ID, Service]));
}

/** The answer of `/v1/catalog/services`. */
export function readNames(body: Buffer): readonly string[] {
  return Object.keys(namesSchema.parse(JSON.parse(body.toString("utf8"))));
}
