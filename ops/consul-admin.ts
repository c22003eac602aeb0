import { request } from "node:https";
import { z } from "zod";
import { UserError } from "../lib/user-error";

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

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Administers Consul through the gateway, over TLS that is verified; tokens and keys go in headers and bodies alone. */
export class ConsulAdmin {
  constructor(
    /** The gateway's HTTPS port on 127.0.0.1. */
    private readonly port: number,
    private readonly caPem: string,
    /** A management token. */
    private readonly token: string,
  ) {}

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
    if (answer.status === 403 && /ACL not found/i.test(answer.body)) return undefined;
    return liveToken(tokenSchema.parse(parsed("/v1/acl/token/self", answer)));
  }

  /** Makes a management token with this secret. */
  async addManagementToken(secret: string, description: string): Promise<void> {
    const policies = [{ Name: "global-management" }];
    await this.json("PUT", "/v1/acl/token", { SecretID: secret, Description: description, Policies: policies });
  }

  /** @param id the accessor id */
  async deleteToken(id: string): Promise<void> {
    await this.json("DELETE", `/v1/acl/token/${id}`);
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
  }

  private async json(method: string, path: string, body?: unknown): Promise<unknown> {
    return parsed(path, await this.call(method, path, body));
  }

  private call(method: string, path: string, body?: unknown, token = this.token): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(unreachable(error.message));
      const options = { host: "127.0.0.1", port: this.port, path, method, ca: this.caPem, timeout: TIMEOUT_MS };
      const text = body === undefined ? "" : JSON.stringify(body);
      // Node says of a DELETE's body by itself neither its length nor that there is one.
      const headers = { "X-Consul-Token": token, "Content-Length": Buffer.byteLength(text) };
      const call = request({ ...options, headers }, (answer) => {
        let said = "";
        answer.setEncoding("utf8");
        answer.on("data", (part: string) => {
          said += part;
        });
        answer.on("error", fail);
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: said }));
      });
      call.on("timeout", () => call.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
      call.on("error", fail);
      call.end(text);
    });
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
  return JSON.parse(answer.body);
}

function refused(path: string, { status, body }: Answer): UserError {
  // What begins like this is a page of the gateway's, for people.
  const said = body.trim().startsWith("<") ? "" : ` ${body.trim().slice(0, 200)}`;
  return unreachable(`${path} answered ${status}${said}`);
}

function unreachable(why: string): UserError {
  return new UserError(
    `Consul does not do what was asked of it through the gateway: ${why}`,
    "Run `npm run up`, which repairs it, and this again: it continues from here.",
  );
}
