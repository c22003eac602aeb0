import { z } from "zod";
import type { CheckDefinitionTold, Registration } from "../../lib/catalog/imported/registration";
import { UserError } from "../../lib/user-error";

const text = z
  .string()
  .nullish()
  .transform((given) => given ?? "");
const definitionSchema = z.record(z.string(), z.unknown()).nullish();

const entriesSchema = z.array(
  z.object({
    Node: z.object({ Node: text, Address: text }),
    Service: z.object({
      ID: z.string(),
      Service: z.string(),
      Kind: text,
      Address: text,
      Port: z.number().nullish(),
      Tags: z.array(z.string()).nullish(),
      Meta: z.record(z.string(), z.string()).nullish(),
      Weights: z.object({ Passing: z.number(), Warning: z.number() }).nullish(),
    }),
    Checks: z
      .array(
        z.object({
          CheckID: text,
          ServiceID: text,
          Type: text,
          Status: text,
          Interval: text,
          Timeout: text,
          Output: text,
          Definition: definitionSchema,
        }),
      )
      .nullish(),
  }),
);

/** What a Consul holds, and whether it left something out because the token may not read it. */
export interface Read {
  readonly registrations: readonly Registration[];
  readonly isFiltered: boolean;
}

/**
 * Reads every service of a Consul but its own, with its checks and those of its node.
 * @param from its address, such as `http://localhost:8500`
 * @throws UserError where it does not answer, or not as a Consul does
 */
export async function readRegistrations(from: string, token: string | undefined): Promise<Read> {
  const listed = await ask(from, "/v1/catalog/services", token, z.record(z.string(), z.unknown()));
  const registrations: Registration[] = [];
  let { isFiltered } = listed;
  for (const name of Object.keys(listed.value).filter((each) => each !== "consul")) {
    const answer = await ask(from, `/v1/health/service/${encodeURIComponent(name)}`, token, entriesSchema);
    registrations.push(...answer.value.map(registrationOf));
    isFiltered ||= answer.isFiltered;
  }
  return { registrations, isFiltered };
}

function registrationOf({ Node, Service, Checks }: z.output<typeof entriesSchema>[number]): Registration {
  const { Weights } = Service;
  return {
    id: Service.ID,
    name: Service.Service,
    kind: Service.Kind,
    node: Node.Node,
    nodeAddress: Node.Address,
    address: Service.Address || Node.Address,
    port: Service.Port ?? 0,
    tags: Service.Tags ?? [],
    meta: Service.Meta ?? {},
    weights: { passing: Weights?.Passing ?? 1, warning: Weights?.Warning ?? 1 },
    checks: (Checks ?? [])
      .filter(({ ServiceID }) => ServiceID === Service.ID || ServiceID === "")
      .map((check) => ({
        ofNode: check.ServiceID === "" ? check.CheckID || "without an id" : "",
        type: check.Type,
        status: check.Status,
        interval: check.Interval || given(check.Definition, "Interval") || "",
        timeout: check.Timeout || given(check.Definition, "Timeout") || "",
        output: check.Output,
        definition: definitionOf(check.Definition),
      })),
  };
}

type Definition = z.output<typeof definitionSchema>;

function given(definition: Definition, field: string): string | undefined {
  const value = definition?.[field];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** What is not written into a catalog, because it may be a secret or because a catalog has nothing like it. */
const MORE = ["Header", "Body", "TLSServerName", "TLSSkipVerify"];

function definitionOf(definition: Definition): CheckDefinitionTold {
  const [http, tcp, grpc] = ["HTTP", "TCP", "GRPC"].map((field) => given(definition, field));
  const tls = definition?.[grpc === undefined ? "TCPUseTLS" : "GRPCUseTLS"];
  return {
    ...{ http, tcp, grpc, method: given(definition, "Method") },
    tls: grpc === undefined && tcp === undefined ? undefined : tls === true,
    more: MORE.filter((field) => Boolean(definition?.[field])),
  };
}

async function ask<T>(from: string, path: string, token: string | undefined, schema: z.ZodType<T>) {
  const answer = await fetch(`${from}${path}`, {
    headers: token === undefined ? {} : { "X-Consul-Token": token },
    // A redirect would take the token with it.
    redirect: "manual",
    signal: AbortSignal.timeout(30_000),
  }).catch(() => {
    throw new UserError(`${from} is no Consul that answers`, "Look at the address, such as http://localhost:8500.");
  });
  if (!answer.ok)
    throw new UserError(
      `${from} answered ${answer.status} to ${path}`,
      "Look at the address and at the token's rights.",
    );
  const { data } = schema.safeParse(await answer.json().catch(() => undefined));
  if (data === undefined)
    throw new UserError(`${from} does not answer ${path} as a Consul does`, "Look at the address.");
  return { value: data, isFiltered: answer.headers.get("x-consul-results-filtered-by-acls") === "true" };
}
