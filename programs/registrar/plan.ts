import type { CheckDefinition, ServiceDefinition } from "../../lib/catalog/definition-schema.js";
import { definitionOf, type Placed, type Statuses } from "./files.js";
import type { Order } from "./journal.js";
import type { Target } from "./judge.js";

/**
 * A check that changes one of these asks somewhere else, so what was seen before says nothing about it. Not among them is how
 * an answer is judged or told: after a change the next attempt tells, and no service flaps meanwhile.
 */
const ASKED = [
  "http",
  "method",
  "header",
  "body",
  "tcp",
  "grpc",
  "grpc_use_tls",
  "tls_server_name",
  "ttl",
  "alias_service",
] as const satisfies readonly (keyof CheckDefinition)[];

/** What a check asks of whom, as a text. */
function aimOf({ address, port }: ServiceDefinition, check: CheckDefinition): string {
  return JSON.stringify([address, port, ...ASKED.map((field) => check[field])]);
}

/** How a service comes to be as it is declared. */
export interface Plan {
  readonly order: Order;
  /** What is known of its checks then: what was known of one holds as long as it asks the same of the same place. */
  readonly statuses: Statuses;
}

/**
 * The way from what is in place to what is declared. The agent keeps a check's status over a registration, so what asks
 * elsewhere is deregistered before it.
 */
export function planOf(before: Placed | undefined, target: Target): Plan {
  const definition = definitionOf(target.text);
  const { file } = target.place;
  if (before === undefined) return { order: { what: "+", file, why: "new" }, statuses: critical(definition) };
  if (before.place.file !== file) return { order: { what: "!", file, why: "moved" }, statuses: critical(definition) };
  const earlier = definitionOf(before.text);
  const aims = new Map(earlier.checks.map((check) => [check.id, aimOf(earlier, check)]));
  const isSame = (check: CheckDefinition) => aims.get(check.id) === aimOf(definition, check);
  const hasMoved = definition.checks.some((check) => aims.has(check.id) && !isSame(check));
  return {
    order: { what: hasMoved ? "!" : "+", file, why: hasMoved ? "moved" : "changed" },
    statuses: new Map(
      definition.checks.map((check) => [check.id, (isSame(check) && before.statuses.get(check.id)) || "critical"]),
    ),
  };
}

/** A service of which nothing is known. */
export function critical({ checks }: ServiceDefinition): Statuses {
  return new Map(checks.map(({ id }) => [id, "critical"]));
}
