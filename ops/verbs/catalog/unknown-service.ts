import type { Service } from "../../../lib/catalog/types.js";
import { nearest } from "../../../lib/nearest-word.cjs";
import { UserError } from "../../../lib/user-error.js";

/** What to say of a name that the catalog does not have, with the one that was probably meant. */
export function unknownService(name: string, services: readonly Service[]): UserError {
  const names = services.map((service) => service.name);
  const meant = nearest(name, names) ?? names.find((known) => known.startsWith(name));
  return new UserError(
    `The catalog has no service ${JSON.stringify(name)}`,
    meant === undefined ? "`npx rollcall catalog list` names them all." : `Did you mean ${meant}?`,
  );
}
