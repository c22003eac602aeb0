import { AclPolicy } from "@cdktf/provider-consul/lib/acl-policy/index.js";
import { AclTokenPolicyAttachment } from "@cdktf/provider-consul/lib/acl-token-policy-attachment/index.js";
import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { placeState } from "../lib/backend/backend.js";
import type { Catalog } from "../lib/catalog/types.js";
import { AclGrant } from "../lib/consul/acl/acl-grant.js";
import { grantsFor } from "../lib/consul/acl/acl-grants.js";
import { renderAclRules } from "../lib/consul/acl/acl-rules.js";
import { connectConsul } from "../lib/consul/consul-api.js";
import type { Settings } from "../lib/settings.js";
import type { FoundationStack } from "./foundation-stack.js";

/** Consul's own id of the token that a request without one has. */
const ANONYMOUS_TOKEN = "00000000-0000-0000-0000-000000000002";

/** Who may do what: policies and tokens, and the anonymous read-only grant. */
export class AccessStack extends TerraformStack {
  /** The shared agent's own token, sensitive. */
  readonly agentToken: string;
  /** The accessor id of the same, which is no secret. */
  readonly agentTokenId: string;
  /** Registers the declared services, sensitive. */
  readonly registrationToken: string;
  /** The registrar's own token, sensitive. */
  readonly registrarToken: string;
  /** What services that know no token register themselves with, sensitive; undefined where none may. */
  readonly legacyToken: string | undefined;
  /** What the scheduled backup takes snapshots with, sensitive; undefined where there is none. */
  readonly backupToken: string | undefined;
  /** What the monitor reads with, sensitive; undefined where there is none. */
  readonly monitorToken: string | undefined;
  /** What Prometheus scrapes Consul with, sensitive. */
  readonly metricsToken: string;

  constructor(scope: Construct, id: string, settings: Settings, foundation: FoundationStack, catalog: Catalog) {
    super(scope, id);
    placeState(this, id, settings);
    connectConsul(this, settings, foundation);
    this.addDependency(foundation);

    const grants = grantsFor(catalog);
    const anonymous = new AclPolicy(this, "anonymous", {
      name: "rollcall-anonymous",
      description: grants.anonymous.description,
      rules: renderAclRules(grants.anonymous.rules),
    });
    new AclTokenPolicyAttachment(this, "anonymous-token", { tokenId: ANONYMOUS_TOKEN, policy: anonymous.name });

    const grantOf = (name: Exclude<keyof typeof grants, "anonymous">) =>
      new AclGrant(this, name, { name, grant: grants[name] });
    const tokenOf = (name: Exclude<keyof typeof grants, "anonymous">) => grantOf(name).secretId;
    const agent = grantOf("agent");
    this.agentToken = agent.secretId;
    this.agentTokenId = agent.accessorId;
    this.registrationToken = tokenOf("registration");
    this.registrarToken = tokenOf("registrar");
    this.legacyToken = settings.coexist ? tokenOf("legacy") : undefined;
    this.backupToken = settings.backupEverySeconds === undefined ? undefined : tokenOf("backup");
    this.monitorToken = settings.monitor ? tokenOf("monitor") : undefined;
    const heldElsewhere = {
      metrics: tokenOf("metrics"),
      discovery: tokenOf("discovery"),
      dynamic: tokenOf("dynamic"),
      heartbeat: tokenOf("heartbeat"),
      operator: tokenOf("operator"),
    };
    this.metricsToken = heldElsewhere.metrics;
    for (const [name, value] of Object.entries(heldElsewhere))
      new TerraformOutput(this, `token-${name}`, { value, staticId: true, sensitive: true });
  }
}
