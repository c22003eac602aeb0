import * as z from "zod";
import type { ConsulCalls } from "./calls.js";
import { type Named, namedSchema } from "./named.js";
import type { ConsulResponse } from "./transport.js";

/** A token as Consul lists it, without its secret. */
export interface LiveToken {
  /** Accessor id. */
  readonly id: string;
  readonly description: string;
  /** Names of its policies. */
  readonly policies: readonly string[];
  /** ISO 8601. */
  readonly created: string;
}

const tokenSchema = z
  .object({
    AccessorID: z.string(),
    Description: z.string().default(""),
    CreateTime: z.string(),
    Policies: z.array(z.object({ Name: z.string() })).nullish(),
  })
  .transform(({ AccessorID, Description, CreateTime, Policies }): LiveToken => {
    const policies = (Policies ?? []).map(({ Name }) => Name);
    return { id: AccessorID, description: Description, policies, created: CreateTime };
  });

/** `/v1/acl`: tokens and policies. Secrets go in headers and bodies alone. */
export class AclApi {
  constructor(private readonly calls: ConsulCalls) {}

  tokens(): Promise<readonly LiveToken[]> {
    return this.calls.read("/v1/acl/tokens", z.array(tokenSchema));
  }

  /** The token that this client asks with. @throws UserError where Consul does not know it */
  ownToken(): Promise<LiveToken> {
    return this.calls.read("/v1/acl/token/self", tokenSchema);
  }

  /** The token with this secret; undefined where Consul has none. */
  async tokenOf(secret: string): Promise<LiveToken | undefined> {
    const path = "/v1/acl/token/self";
    const response = await this.calls.send("GET", path, { token: secret, accepts: isUnknownSecret });
    return isUnknownSecret(response) ? undefined : this.calls.parse(path, response, tokenSchema);
  }

  /** Makes a management token with this secret. */
  async addManagementToken(secret: string, description: string): Promise<void> {
    const body = { SecretID: secret, Description: description, Policies: [{ Name: "global-management" }] };
    await this.calls.send("PUT", "/v1/acl/token", { body });
  }

  /** @param id the accessor id */
  async deleteToken(id: string): Promise<void> {
    await this.calls.send("DELETE", `/v1/acl/token/${id}`);
  }

  policies(): Promise<readonly Named[]> {
    return this.calls.read("/v1/acl/policies", z.array(namedSchema));
  }

  async deletePolicy(id: string): Promise<void> {
    await this.calls.send("DELETE", `/v1/acl/policy/${id}`);
  }
}

/** What Consul says of a secret that it does not know. */
function isUnknownSecret({ status, body }: ConsulResponse): boolean {
  return status === 403 && /ACL not found/i.test(body.toString());
}
