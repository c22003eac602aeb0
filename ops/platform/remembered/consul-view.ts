import { KV_PREFIX } from "../../../lib/catalog/definition.js";
import type { ConsulApi } from "../../consul/api/consul-api.js";
import type { ConsulObject } from "../../consul/api/objects.js";
import { type State, valuesIn } from "../../terraform/state-text.js";

/** What Terraform keeps in Consul. */
export interface ConsulView {
  readonly byId: ReadonlyMap<string, ConsulObject>;
  readonly keys: readonly ConsulObject[];
  readonly resolvers: readonly ConsulObject[];
}

/** The attributes by which a state knows an object in Consul. */
const KNOWN_BY = ["id", "accessor_id", "token_id"];

/** @throws UserError where Consul does not answer */
export async function consulView({ objects }: ConsulApi): Promise<ConsulView> {
  const [byId, keys, resolvers] = await Promise.all([
    objects.byId(),
    objects.keys(KV_PREFIX),
    objects.configEntries("service-resolver"),
  ]);
  return { byId, keys, resolvers };
}

/** Whether a state has anything in Consul. */
export function isInConsul({ resources }: State): boolean {
  return resources.some(({ type }) => type.startsWith("consul_"));
}

/** What of it a state has made, or depends on. Pure. */
export function consulPartOf({ byId, keys, resolvers }: ConsulView, state: State): readonly unknown[] {
  const known = valuesIn([state], KNOWN_BY);
  const has = (type: string) => state.resources.some((each) => each.type === type);
  return [
    [...byId].filter(([id]) => known.has(id)).sort(([a], [b]) => (a < b ? -1 : 1)),
    has("consul_key_prefix") ? keys : [],
    has("consul_config_entry") ? resolvers : [],
  ];
}
