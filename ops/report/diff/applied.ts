import { z } from "zod";
import { type Declared, type Definition, definitionSchema, type Named } from "../../../lib/catalog/declared.js";
import type { Monitored } from "../../../lib/catalog/monitored.js";
import { CONFIG } from "../../../lib/consul/paths.js";
import { MONITOR_FILE } from "../../../lib/monitoring/monitor-config.js";
import type { Terraform } from "../../terraform/terraform.js";

const stateSchema = z.object({
  resources: z.array(
    z.object({
      type: z.string(),
      instances: z.array(
        z.object({
          attributes: z.looseObject({
            name: z.unknown().optional(),
            rules: z.unknown().optional(),
            subkeys: z.record(z.string(), z.string()).nullish(),
            service: z.unknown().optional(),
            failover: z.array(z.object({ datacenters: z.array(z.string()).nullish() })).nullish(),
            upload: z.array(z.object({ file: z.string(), content: z.string().nullish() })).nullish(),
          }),
        }),
      ),
    }),
  ),
});

/**
 * What was applied of a catalog, from the states of the stacks that have one. Of the states, which hold secrets, nothing
 * else is kept.
 */
export function appliedIn(states: ReadonlyMap<string, string>): Partial<Declared> {
  return {
    definitions: definitionsIn(states.get("registry")),
    dynamic: dynamicIn(states.get("access")),
    failover: failoverIn(states.get("queries")),
    monitored: monitoredIn(states.get("monitor")),
  };
}

/** The stacks whose states `appliedIn` reads. */
export const CATALOG_STACKS = ["registry", "access", "queries", "monitor"] as const;

/** The services as they were applied, by the stack `registry`; [] where it never was. */
export async function appliedDefinitions(terraform: Terraform, folder: string): Promise<readonly Definition[]> {
  return definitionsIn(await terraform.state(folder));
}

function attributesIn(state: string | undefined, wanted: string) {
  if (state === undefined || state.trim() === "") return [];
  return stateSchema
    .parse(JSON.parse(state))
    .resources.filter(({ type }) => type === wanted)
    .flatMap(({ instances }) => instances.map(({ attributes }) => attributes));
}

function definitionsIn(state: string | undefined): readonly Definition[] {
  return attributesIn(state, "consul_key_prefix")
    .flatMap(({ subkeys }) => Object.values(subkeys ?? {}))
    .flatMap(definitionIn);
}

/** [] of a value that somebody else wrote below a team's prefix: Terraform reads it into the state before it removes it. */
function definitionIn(value: string): readonly Definition[] {
  try {
    const { data } = definitionSchema.safeParse(JSON.parse(value));
    return data === undefined ? [] : [data];
  } catch {
    return [];
  }
}

/** By the names that the token for them may write. */
function dynamicIn(state: string | undefined): readonly Named[] {
  const policies = attributesIn(state, "consul_acl_policy").filter(({ name }) => name === "rollcall-dynamic");
  const rules = policies.map(({ rules }) => String(rules)).join("\n");
  return [...rules.matchAll(/^service "([^"]+)"/gm)].map(([, name = ""]) => ({ name, team: "" }));
}

function failoverIn(state: string | undefined): ReadonlyMap<string, readonly string[]> {
  const queries = attributesIn(state, "consul_prepared_query").map(
    ({ service, failover }) =>
      [String(service), failover?.flatMap(({ datacenters }) => datacenters ?? []) ?? []] as const,
  );
  return new Map(queries.filter(([, datacenters]) => datacenters.length > 0));
}

const configSchema = z.object({ facts: z.object({ services: z.record(z.string(), z.looseObject({})) }) });

/** What the monitor was given; undefined where it never was applied, or is off. */
function monitoredIn(state: string | undefined): ReadonlyMap<string, Monitored> | undefined {
  const files = attributesIn(state, "docker_container").flatMap(({ upload }) => upload ?? []);
  const file = files.find((each) => each.file === `${CONFIG}/${MONITOR_FILE}`);
  if (file === undefined) return undefined;
  const { data } = configSchema.safeParse(JSON.parse(file.content ?? "null"));
  return data === undefined ? undefined : new Map(Object.entries(data.facts.services));
}
