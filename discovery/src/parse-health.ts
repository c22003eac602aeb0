import { BadAnswer } from "./errors.js";
import { type Health, type Instance, sorted } from "./instance.js";
import { isJson, type Json, listOf, numberOf, pairsOf, textOf, textsOf } from "./json.js";

/**
 * Consul's answer to `/v1/health/service/<name>` as instances, in the order of their keys.
 * @throws BadAnswer where it has another shape
 */
export function parseHealth(service: string, answer: unknown): readonly Instance[] {
  if (!Array.isArray(answer)) throw strange(service, "it is no list");
  return sorted(answer.map((entry) => instanceOf(service, entry)));
}

function instanceOf(service: string, entry: unknown): Instance {
  if (!isJson(entry) || !isJson(entry.Node) || !isJson(entry.Service))
    throw strange(service, "an entry has no Node or no Service");
  const { Node: node, Service: own } = entry;
  const [name, id, port] = [textOf(node.Node), textOf(own.ID), numberOf(own.Port, -1)];
  // An instance may leave out its address: it then listens on its node's.
  const address = textOf(own.Address) || textOf(node.Address);
  if (name === "" || id === "" || address === "" || port < 0)
    throw strange(service, "an instance has no node, id, address or port");
  const checks = listOf(entry.Checks).filter(isJson);
  const health = healthOf(checks);
  const weights = isJson(own.Weights) ? own.Weights : {};
  return {
    key: `${name}/${id}`,
    id,
    service,
    node: name,
    address,
    port,
    tags: textsOf(own.Tags),
    meta: pairsOf(own.Meta),
    health,
    agentLost:
      health === "critical" && healthOf(checks.filter(({ CheckID }) => CheckID !== "serfHealth")) !== "critical",
    weight: Math.max(0, numberOf(health === "passing" ? weights.Passing : weights.Warning, 1)),
  };
}

/** The worst of the checks; what is neither passing nor warning counts as critical, maintenance too. */
function healthOf(checks: readonly Json[]): Health {
  const states = checks.map(({ Status }) => Status);
  if (states.some((state) => state !== "passing" && state !== "warning")) return "critical";
  return states.includes("warning") ? "warning" : "passing";
}

function strange(service: string, why: string): BadAnswer {
  return new BadAnswer(
    `What answers for ${service} is not what Consul says: ${why}`,
    "Look whether CONSUL_HOST and CONSUL_PORT name a Consul agent.",
  );
}
