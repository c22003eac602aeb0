import type { CheckDefinition } from "../../lib/catalog/definition-schema.js";
import { definitionOf, type Statuses } from "./files.js";

/** A new service's checks run this often until there is a first result. Consul makes the first one within that time. */
const AT_ONCE = "1s";

/** Whether checks of a definition are made later than at once. */
export function isUnhurried(text: string): boolean {
  return definitionOf(text).checks.some((check) => check.interval !== undefined && check.interval !== AT_ONCE);
}

/**
 * A definition as the agent's API takes it.
 * @param isHurried whether its checks are made at once, and then every second until it is registered as it is declared
 */
export function registrationOf(text: string, statuses: Statuses, isHurried: boolean): string {
  const { checks, ...service } = definitionOf(text);
  return JSON.stringify({
    ...service,
    checks: checks.map((check) => ({
      ...apiCheck(isHurried ? hurried(check) : check),
      status: statuses.get(check.id) ?? "critical",
    })),
  });
}

function hurried(check: CheckDefinition): CheckDefinition {
  return check.interval === undefined ? check : { ...check, interval: AT_ONCE };
}

/** The API's names of a check's fields have no `_`; capitals do not matter to it. */
function apiCheck({ id, ...fields }: CheckDefinition): Readonly<Record<string, unknown>> {
  return {
    CheckID: id,
    ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.replaceAll("_", ""), value])),
  };
}
