import * as z from "zod";
import type { ConsulCalls, Filtered } from "./calls.js";

/** A check's state as Consul's catalog has it. */
export interface LiveCheck {
  readonly node: string;
  readonly serviceId: string;
  readonly status: string;
  /** `http`, `tcp`, `ttl`, …; "" for the node's own. */
  readonly type: string;
  readonly output: string;
}

const checksSchema = z.array(
  z.object({
    ...{ Node: z.string(), ServiceID: z.string(), Status: z.string(), Type: z.string(), Output: z.string() },
    CheckID: z.string().default(""),
    Notes: z.string().default(""),
  }),
);

const text = z
  .string()
  .nullish()
  .transform((given) => given ?? "");

/** An instance with its checks and those of its node, from any version of Consul: what may be missing is made "". */
const entriesSchema = z.array(
  z.object({
    Node: z.object({ Node: text, Address: text }),
    Service: z.object({
      ...{ ID: z.string(), Service: z.string(), Kind: text, Address: text, Port: z.number().nullish() },
      Tags: z.array(z.string()).nullish(),
      Meta: z.record(z.string(), z.string()).nullish(),
      Weights: z.object({ Passing: z.number(), Warning: z.number() }).nullish(),
    }),
    Checks: z
      .array(
        z.object({
          ...{ CheckID: text, ServiceID: text, Type: text, Status: text, Interval: text, Timeout: text, Output: text },
          Definition: z.record(z.string(), z.unknown()).nullish(),
        }),
      )
      .nullish(),
  }),
);

/** An instance, its node and its checks, as Consul tells them. */
export type HealthEntry = z.output<typeof entriesSchema>[number];

/** `/v1/health`: the checks. */
export class HealthApi {
  constructor(private readonly calls: ConsulCalls) {}

  /** Every check of every node. */
  async checks(): Promise<readonly LiveCheck[]> {
    const checks = await this.calls.readNear("/v1/health/state/any", checksSchema);
    return checks.map((check) => ({
      ...{ node: check.Node, serviceId: check.ServiceID, status: check.Status, type: check.Type },
      output: /^_(node|service)_maintenance/.test(check.CheckID) ? maintenance(check) : check.Output,
    }));
  }

  /** The names of the nodes that have an agent: gossip checks those alone. */
  async nodesWithAgent(): Promise<ReadonlySet<string>> {
    const path = '/v1/health/state/any?filter=CheckID+%3D%3D+"serfHealth"';
    return new Set((await this.calls.read(path, checksSchema)).map(({ Node }) => Node));
  }

  /** The instances of a service, and whether something was left out because the token may not read it. */
  entriesOf(service: string): Promise<Filtered<readonly HealthEntry[]>> {
    return this.calls.readFiltered(`/v1/health/service/${encodeURIComponent(service)}`, entriesSchema);
  }
}

/** Of maintenance mode Consul says nothing in the check's output. */
function maintenance({ Node, ServiceID, Notes }: { Node: string; ServiceID: string; Notes: string }): string {
  const service = ServiceID === "" ? "" : ` -service=${ServiceID}`;
  return `${Node} is in maintenance mode (${Notes}); \`consul maint -disable${service}\` there, with a token, ends it`;
}
