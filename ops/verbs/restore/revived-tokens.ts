import type { AclApi } from "../../consul/api/acl.js";

const ANONYMOUS = "00000000-0000-0000-0000-000000000002";

/**
 * The tokens of a restored Consul that Rollcall did not make and does not use: people made them, or an earlier
 * platform did. They live again with all their rights.
 * @param known the ids that the states know
 * @returns a line for each
 */
export async function revivedTokens(acl: AclApi, known: ReadonlySet<string>): Promise<readonly string[]> {
  const own = (await acl.ownToken()).id;
  return (await acl.tokens())
    .filter(({ id }) => id !== own && id !== ANONYMOUS && !known.has(id))
    .map(
      ({ id, description, policies }) =>
        `${id}  ${description || "no description"} (${policies.join(", ") || "no policy"})`,
    );
}
