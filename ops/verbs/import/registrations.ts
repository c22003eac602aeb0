import type { CheckDefinitionTold, Registration } from "../../../lib/catalog/imported/registration.js";
import { ConsulApi } from "../../consul/api/consul-api.js";
import type { HealthEntry } from "../../consul/api/health.js";
import { UrlTransport } from "../../consul/api/url-transport.js";

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
  const { catalog, health } = new ConsulApi(new UrlTransport(from), { token });
  const listed = await catalog.serviceNames();
  const registrations: Registration[] = [];
  let { isFiltered } = listed;
  for (const name of listed.value.filter((each) => each !== "consul")) {
    const entries = await health.entriesOf(name);
    registrations.push(...entries.value.map(registrationOf));
    isFiltered ||= entries.isFiltered;
  }
  return { registrations, isFiltered };
}

function registrationOf({ Node, Service, Checks }: HealthEntry): Registration {
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

type Definition = NonNullable<HealthEntry["Checks"]>[number]["Definition"];

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
