import { z } from "zod";
import type { ConsulAdmin } from "../consul-admin";

const tokensSchema = z.array(
  z.object({
    AccessorID: z.string(),
    Description: z.string(),
    Policies: z.array(z.object({ Name: z.string() })).nullish(),
  }),
);

const ANONYMOUS = "00000000-0000-0000-0000-000000000002";

/**
 * The tokens of a restored Consul that Rollcall did not make and does not use: people made them, or an earlier
 * platform did. They live again with all their rights.
 * @param known the ids that the states know
 * @returns a line for each
 */
export async function revivedTokens(admin: ConsulAdmin, known: ReadonlySet<string>): Promise<readonly string[]> {
  const own = z.object({ AccessorID: z.string() }).parse(await admin.json("/v1/acl/token/self")).AccessorID;
  return tokensSchema
    .parse(await admin.json("/v1/acl/tokens"))
    .filter(({ AccessorID: id }) => id !== own && id !== ANONYMOUS && !known.has(id))
    .map(({ AccessorID, Description, Policies }) => {
      const policies = (Policies ?? []).map(({ Name }) => Name).join(", ") || "no policy";
      return `${AccessorID}  ${Description || "no description"} (${policies})`;
    });
}
