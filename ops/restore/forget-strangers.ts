import { z } from "zod";
import { KV_PREFIX } from "../../lib/catalog/definition";
import { discoverables, dnsName } from "../../lib/catalog/discoverable";
import type { Catalog } from "../../lib/catalog/types";
import type { ConsulAdmin } from "../consul-admin";

const policiesSchema = z.array(z.object({ ID: z.string(), Name: z.string() }));
const tokensSchema = z.array(
  z.object({
    AccessorID: z.string(),
    Description: z.string(),
    Policies: z.array(z.object({ ID: z.string() })).nullish(),
  }),
);
const queriesSchema = z.array(z.object({ ID: z.string(), Name: z.string() }));

/**
 * Removes from a Consul that was restored what stands under a name of Rollcall's and no state of Terraform knows: it
 * would stop the apply ("exists already"), which makes each anew. What others made stays.
 * @param known the ids and KV prefixes that the states know, each
 * @returns a line for each that went
 */
export async function forgetStrangers(
  admin: Pick<ConsulAdmin, "ask" | "call" | "json">,
  catalog: Catalog,
  known: ReadonlySet<string>,
): Promise<readonly string[]> {
  const gone: string[] = [];
  const drop = async (what: string, path: string) => {
    await admin.call("DELETE", path);
    gone.push(what);
  };
  const policies = policiesSchema
    .parse(await admin.json("/v1/acl/policies"))
    .filter(({ ID, Name }) => Name.startsWith("rollcall-") && !known.has(ID));
  const strange = new Set(policies.map(({ ID }) => ID));
  for (const { AccessorID, Description, Policies } of tokensSchema.parse(await admin.json("/v1/acl/tokens")))
    if (Description.startsWith("rollcall ") && Policies?.every(({ ID }) => strange.has(ID)) && Policies.length > 0)
      await drop(`the token "${Description}"`, `/v1/acl/token/${AccessorID}`);
  for (const { ID, Name } of policies) await drop(`the policy ${Name}`, `/v1/acl/policy/${ID}`);

  const names = new Set(discoverables(catalog).map(({ name }) => dnsName(name)));
  for (const { ID, Name } of queriesSchema.parse(await admin.json("/v1/query")))
    if (names.has(Name) && !known.has(ID)) await drop(`the prepared query ${Name}`, `/v1/query/${ID}`);

  for (const prefix of await teamPrefixes(admin))
    if (!known.has(prefix)) await drop(`KV ${prefix}`, `/v1/kv/${encodeURI(prefix)}?recurse=true`);
  return gone;
}

/** `catalog/<team>/` of each team that Consul has. */
async function teamPrefixes(admin: Pick<ConsulAdmin, "ask">): Promise<readonly string[]> {
  const { status, body } = await admin.ask("GET", `/v1/kv/${KV_PREFIX}?keys&separator=/`);
  return status === 404 ? [] : z.array(z.string()).parse(JSON.parse(body.toString()));
}
