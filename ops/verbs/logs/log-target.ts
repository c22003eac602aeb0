import { kvSubkey } from "../../../lib/catalog/definition.js";
import type { Service } from "../../../lib/catalog/types.js";
import { nearest } from "../../../lib/nearest-word.cjs";
import { UserError } from "../../../lib/user-error.js";
import type { Part } from "../../platform/parts.js";

/** Whose log is asked for. */
export type LogTarget =
  | { readonly kind: "part"; readonly container: string }
  /** A declared service, each of its instances. */
  | { readonly kind: "service"; readonly services: readonly Service[] };

/**
 * What a name means: a part as `status` names it or by its container; a service, also with its team (`TEAM/NAME`); or one
 * instance by its id. Pure.
 * @throws UserError with the name that was probably meant
 */
export function targetOf(name: string, parts: readonly Part[], services: readonly Service[]): LogTarget {
  const part = parts.find((each) => each.name === name || each.container === name);
  if (part !== undefined) return { kind: "part", container: part.container };
  const named = services.filter((each) =>
    [each.name, each.id, kvSubkey(each), `${each.team}/${each.name}`].includes(name),
  );
  if (named.length > 0) return { kind: "service", services: named };
  const names = ["audit", ...parts.map((each) => each.name), ...services.flatMap((each) => [each.name, each.id])];
  const meant = nearest(name, names) ?? names.find((each) => each.startsWith(name) && name !== "");
  const all = `The parts are ${parts.map((each) => each.name).join(", ")}; \`npx rollcall catalog list\` names the services.`;
  throw new UserError(
    name === "" ? "Whose log?" : `Nothing here is called ${JSON.stringify(name)}`,
    meant === undefined || name === "" ? all : `Did you mean ${meant}? ${all}`,
  );
}
