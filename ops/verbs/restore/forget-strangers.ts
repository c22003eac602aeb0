import { KV_PREFIX } from "../../../lib/catalog/definition.js";
import { discoverables, dnsName } from "../../../lib/catalog/discoverable.js";
import type { Catalog } from "../../../lib/catalog/types.js";
import type { ConsulApi } from "../../consul/api/consul-api.js";

/**
 * Removes from a Consul that was restored what stands under a name of Rollcall's and no state of Terraform knows: it
 * would stop the apply ("exists already"), which recreates each. What others made stays.
 * @param known the ids and KV prefixes that the states know, each
 * @returns a line for each that went
 */
export async function forgetStrangers(
  { acl, queries, kv }: ConsulApi,
  catalog: Catalog,
  known: ReadonlySet<string>,
): Promise<readonly string[]> {
  const gone: string[] = [];
  const strange = (await acl.policies()).filter(({ id, name }) => name.startsWith("rollcall-") && !known.has(id));
  const names = new Set(strange.map(({ name }) => name));
  for (const { id, description, policies } of await acl.tokens()) {
    const isStrange = policies.length > 0 && policies.every((name) => names.has(name));
    if (!description.startsWith("rollcall ") || !isStrange) continue;
    await acl.deleteToken(id);
    gone.push(`the token "${description}"`);
  }
  for (const { id, name } of strange) {
    await acl.deletePolicy(id);
    gone.push(`the policy ${name}`);
  }

  const ours = new Set(discoverables(catalog).map(({ name }) => dnsName(name)));
  for (const { id, name } of await queries.list()) {
    if (!ours.has(name) || known.has(id)) continue;
    await queries.remove(id);
    gone.push(`the prepared query ${name}`);
  }

  // `catalog/<team>/` of each team that Consul has.
  for (const prefix of await kv.folders(KV_PREFIX)) {
    if (known.has(prefix)) continue;
    await kv.deleteTree(prefix);
    gone.push(`KV ${prefix}`);
  }
  return gone;
}
