import { z } from "zod";
import { tokenDescription } from "../../lib/consul/acl-grant";
import type { Settings } from "../../lib/settings";
import { connectAsAdmin } from "../consul-admin";
import { isUnknown, known } from "../known";
import { setUpTerraform } from "../tools";

const tokenSchema = z.object({
  AccessorID: z.string(),
  Description: z.string().default(""),
  Policies: z.array(z.object({ Name: z.string() })).nullish(),
});
type Token = z.infer<typeof tokenSchema>;

/** As much of a description as a column takes. */
const LONGEST_NAME = 32;

/**
 * What tokens are called, by their accessor ids: the platform's own by their consumer, others by the beginning of their
 * description. None where Consul cannot be asked.
 */
export async function tokenNames(settings: Settings): Promise<ReadonlyMap<string, string>> {
  const asked = await known(async () => {
    const admin = await connectAsAdmin(settings, await setUpTerraform(settings));
    return Promise.all([admin.json("/v1/acl/token/self"), admin.json("/v1/acl/tokens")]);
  });
  if (isUnknown(asked)) return new Map();
  const [self, tokens] = asked;
  return namesOf(tokenSchema.parse(self).AccessorID, z.array(tokenSchema).parse(tokens));
}

/**
 * Pure.
 * @param management accessor id of the management token in use
 */
export function namesOf(management: string, tokens: readonly Token[]): ReadonlyMap<string, string> {
  return new Map(
    tokens.flatMap((token) => {
      const { AccessorID: id, Description: said } = token;
      const name = id === management ? "management" : (consumerOf(token) ?? `${cutName(said)} (${id})`);
      return said === "" && id !== management ? [] : [[id, name] as const];
    }),
  );
}

/** A description is anybody's to choose: with the policy it is the platform's own token. */
function consumerOf({ Description: said, Policies: policies }: Token): string | undefined {
  const own = tokenDescription("");
  const name = said.slice(own.length);
  const isOwn = said.startsWith(own) && policies?.map(({ Name }) => Name).join() === `rollcall-${name}`;
  return isOwn ? name : undefined;
}

function cutName(said: string): string {
  return said.length <= LONGEST_NAME ? said : `${said.slice(0, LONGEST_NAME)}…`;
}
