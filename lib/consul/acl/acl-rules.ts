/** What a policy may be about, in the words of Consul's ACL rules. */
type Access = "read" | "list" | "write" | "deny";

/** Rules by resource; a resource with a label maps it to an access, `operator` and `keyring` stand alone. */
export interface AclRules {
  readonly agent?: Readonly<Record<string, Access>>;
  readonly agent_prefix?: Readonly<Record<string, Access>>;
  readonly key_prefix?: Readonly<Record<string, Access>>;
  readonly node?: Readonly<Record<string, Access>>;
  readonly node_prefix?: Readonly<Record<string, Access>>;
  readonly query_prefix?: Readonly<Record<string, Access>>;
  readonly service?: Readonly<Record<string, Access>>;
  readonly service_prefix?: Readonly<Record<string, Access>>;
  readonly acl?: Access;
  readonly keyring?: Access;
  readonly operator?: Access;
}

/** The rules as Consul reads them (HCL), sorted, so that a plan shows what really changed. */
export function renderAclRules(rules: AclRules): string {
  return Object.entries(rules)
    .sort(byName)
    .flatMap(([resource, access]) =>
      typeof access === "string"
        ? [`${resource} = "${access}"`]
        : Object.entries(access)
            .sort(byName)
            .map(([label, policy]) => `${resource} ${JSON.stringify(label)} { policy = "${policy}" }`),
    )
    .join("\n");
}

/** By code unit: `localeCompare` would give two people in two languages two plans. */
function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
