import type { Catalog } from "../catalog/types.js";

/** The rule's name in an error and in docs/security.md. */
export const EVERY_SERVICE_CHECKED = "every-service-checked";

/** Services without a check and without a reason for it: applications would be sent to dead instances. */
export function uncheckedServices(catalog: Catalog): readonly string[] {
  return catalog.services
    .filter(({ checks }) => checks.every(({ check }) => check.kind === "none" && check.reason.trim() === ""))
    .map(({ name }) => name);
}
