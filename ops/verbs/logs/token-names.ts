import { tokenDescription } from "../../../lib/consul/acl/acl-grant.js";
import type { Settings } from "../../../lib/settings.js";
import type { LiveToken } from "../../consul/api/acl.js";
import { connectAsAdmin } from "../../consul/connect.js";
import { isUnknown, resultOf } from "../../platform/result.js";
import { setUpTerraform } from "../../platform/tools.js";

/** As much of a description as a column takes. */
const LONGEST_NAME = 32;

/**
 * What tokens are called, by their accessor ids: the platform's own by their consumer, others by the beginning of their
 * description. None where Consul cannot be asked.
 */
export async function tokenNames(settings: Settings): Promise<ReadonlyMap<string, string>> {
  const asked = await resultOf(async () => {
    const { acl } = await connectAsAdmin(settings, await setUpTerraform(settings));
    return Promise.all([acl.ownToken(), acl.tokens()]);
  });
  if (isUnknown(asked)) return new Map();
  const [self, tokens] = asked;
  return namesOf(self.id, tokens);
}

type NamedToken = Pick<LiveToken, "id" | "description" | "policies">;

/**
 * Pure.
 * @param management accessor id of the management token in use
 */
export function namesOf(management: string, tokens: readonly NamedToken[]): ReadonlyMap<string, string> {
  return new Map(
    tokens.flatMap((token) => {
      const { id, description: said } = token;
      const name = id === management ? "management" : (consumerOf(token) ?? `${cutName(said)} (${id})`);
      return said === "" && id !== management ? [] : [[id, name] as const];
    }),
  );
}

/** A description is anybody's to choose: with the policy it is the platform's own token. */
function consumerOf({ description: said, policies }: NamedToken): string | undefined {
  const own = tokenDescription("");
  const name = said.slice(own.length);
  const isOwn = said.startsWith(own) && policies.join() === `rollcall-${name}`;
  return isOwn ? name : undefined;
}

function cutName(said: string): string {
  return said.length <= LONGEST_NAME ? said : `${said.slice(0, LONGEST_NAME)}…`;
}
