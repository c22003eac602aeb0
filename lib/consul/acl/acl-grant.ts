import { AclPolicy } from "@cdktf/provider-consul/lib/acl-policy/index.js";
import { AclToken } from "@cdktf/provider-consul/lib/acl-token/index.js";
import { DataConsulAclTokenSecretId } from "@cdktf/provider-consul/lib/data-consul-acl-token-secret-id/index.js";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import type { Grant } from "./acl-grants.js";
import { renderAclRules } from "./acl-rules.js";

export interface AclGrantProps {
  /** Name of the policy, and what the token's description says. */
  readonly name: string;
  readonly grant: Grant;
}

/** A policy and the one token that has it, for one consumer. */
export class AclGrant extends Construct {
  /** The token's secret, sensitive. */
  readonly secretId: string;
  /** The token's accessor id, which is no secret. */
  readonly accessorId: string;

  constructor(scope: Construct, id: string, props: AclGrantProps) {
    super(scope, id);
    const policy = new AclPolicy(this, "Policy", {
      name: `rollcall-${props.name}`,
      description: props.grant.description,
      rules: renderAclRules(props.grant.rules),
    });
    const token = new AclToken(this, "Token", { description: tokenDescription(props.name), policies: [policy.name] });
    this.accessorId = token.id;
    // Across stacks Terraform loses the sensitive mark, and plans would print the value: mark it again.
    this.secretId = Fn.sensitive(new DataConsulAclTokenSecretId(this, "Secret", { accessorId: token.id }).secretId);
  }
}

/** What a token of the platform is described as in Consul: `rotate` knows the old ones by it. */
export function tokenDescription(name: string): string {
  return `rollcall ${name}`;
}
