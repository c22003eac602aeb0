import type { Catalog } from "../catalog/types";

/** The rule's name in an error and in docs/security.md. */
export const EVERY_SERVICE_CHECKED = "every-service-checked";

/** The services that nothing checks and nobody gave a reason for: applications would be sent to dead ones. */
export function uncheckedServices(catalog: Catalog): readonly string[] {
  return catalog.services
    .filter(({ checks }) => checks.every(({ check }) => check.kind === "none" && check.reason.trim() === ""))
    .map(({ name }) => name);
}
