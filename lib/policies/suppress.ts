import type { Construct, IConstruct } from "constructs";
import { POLICIES } from "./policies.js";

const METADATA = "rollcall:suppress";

/**
 * Excuses a construct, with all below it, from one policy. The reason stands in the code beside it.
 * @throws Error for an unknown policy or an empty reason: a mistake in the platform's code
 */
export function suppress(construct: Construct, id: string, reason: string): void {
  if (!POLICIES.some((policy) => policy.id === id)) throw new Error(`there is no policy ${JSON.stringify(id)}`);
  if (reason.trim() === "") throw new Error(`the suppression of ${id} has no reason`);
  construct.node.addMetadata(METADATA, id);
}

/** The policies from which a construct is excused, by itself or by what it stands in. */
export function suppressedFor(construct: IConstruct): ReadonlySet<string> {
  const entries = construct.node.scopes.flatMap(({ node }) => node.metadata);
  return new Set(entries.filter(({ type }) => type === METADATA).map(({ data }) => String(data)));
}
