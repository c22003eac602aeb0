import { z } from "zod";
import { UserError } from "../../lib/user-error";
import { changed } from "../changes-made";
import { type Answer, consulAnswer, type Door, type Question, toldBy } from "../consul-request";

const TIMEOUT_MS = 20_000;

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

/** The gossip keys of one pool (LAN or WAN), by how many of its members have them. */
export interface KeyPool {
  readonly isWan: boolean;
  readonly members: number;
  readonly keys: Readonly<Record<string, number>>;
  /** Key that members encrypt with → how many do. */
  readonly primary: Readonly<Record<string, number>>;
}

const tokenSchema = z.object({
  AccessorID: z.string(),
  Description: z.string().default(""),
  CreateTime: z.string(),
  Policies: z.array(z.object({ Name: z.string() })).nullish(),
});
const counts = z.record(z.string(), z.number()).nullish();
const poolsSchema = z.array(z.object({ WAN: z.boolean(), NumNodes: z.number(), Keys: counts, PrimaryKeys: counts }));

const GOSSIP = {
  POST: "a gossip key learnt",
  PUT: "a gossip key in use",
  DELETE: "a gossip key forgotten",
} as const;

type Method = NonNullable<Question["method"]>;

/** Tokens and gossip keys by Consul's API, with a management token; they go in headers and bodies alone. */
export class SecretsApi {
  constructor(private readonly door: Door) {}

  async tokens(): Promise<readonly LiveToken[]> {
    return z
      .array(tokenSchema)
      .parse(await this.json("GET", "/v1/acl/tokens"))
      .map(liveToken);
  }

  /** The token with this secret; undefined where Consul has none. */
  async tokenOf(secret: string): Promise<LiveToken | undefined> {
    const answer = await this.call("GET", "/v1/acl/token/self", undefined, secret);
    // What Consul says of a secret that it does not know.
    if (answer.status === 403 && /ACL not found/i.test(answer.body.toString())) return undefined;
    return liveToken(tokenSchema.parse(parsed("/v1/acl/token/self", answer)));
  }

  /** Makes a management token with this secret. */
  async addManagementToken(secret: string, description: string): Promise<void> {
    const policies = [{ Name: "global-management" }];
    await this.json("PUT", "/v1/acl/token", { SecretID: secret, Description: description, Policies: policies });
    changed("a management token made");
  }

  /** @param id the accessor id */
  async deleteToken(id: string): Promise<void> {
    await this.json("DELETE", `/v1/acl/token/${id}`);
    changed(`token ${id} deleted`);
  }

  async keyPools(): Promise<readonly KeyPool[]> {
    const pools = poolsSchema.parse(await this.json("GET", "/v1/operator/keyring"));
    return pools.map(({ WAN, NumNodes, Keys, PrimaryKeys }) => ({
      isWan: WAN,
      members: NumNodes,
      keys: Keys ?? {},
      primary: PrimaryKeys ?? {},
    }));
  }

  /** Has every member of both pools learn a key (POST), encrypt with it (PUT) or forget it (DELETE). */
  async gossipKey(method: "POST" | "PUT" | "DELETE", key: string): Promise<void> {
    await this.call(method, "/v1/operator/keyring", { Key: key }).then((answer) => {
      if (answer.status !== 200) throw refused("/v1/operator/keyring", answer);
    });
    changed(GOSSIP[method]);
  }

  private async json(method: Method, path: string, body?: unknown): Promise<unknown> {
    return parsed(path, await this.call(method, path, body));
  }

  private call(method: Method, path: string, body?: unknown, token?: string): Promise<Answer> {
    const door = token === undefined ? this.door : { ...this.door, token };
    return consulAnswer(door, { method, path, body, timeoutMs: TIMEOUT_MS });
  }
}

function liveToken({ AccessorID, Description, CreateTime, Policies }: z.infer<typeof tokenSchema>): LiveToken {
  return {
    id: AccessorID,
    description: Description,
    policies: (Policies ?? []).map(({ Name }) => Name),
    created: CreateTime,
  };
}

function parsed(path: string, answer: Answer): unknown {
  if (answer.status !== 200) throw refused(path, answer);
  return JSON.parse(answer.body.toString());
}

function refused(path: string, { status, body }: Answer): UserError {
  return new UserError(
    `Consul does not do what was asked of it through the gateway: ${toldBy(path, status, body)}`,
    "Run `npm run up`, which repairs it, and this again: it continues from here.",
  );
}
