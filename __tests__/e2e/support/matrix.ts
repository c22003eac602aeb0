import { type Deed, OWN_NODE, type Who } from "./deeds.js";
import { type Call, type HttpResponse, throughGateway, toAgent } from "./http.js";

/** Where a platform is asked. */
export interface Doors {
  /** The shared agent's container. */
  readonly agent: string;
  /** The gateway's plain port. */
  readonly httpPort: number;
}

/** What became of a deed: done, refused, nothing of it shown, or what nobody expects. */
export type Outcome = string | 403;

const DEFAULTS = { Kind: "service-defaults", Name: "billing_service", Protocol: "tcp" };

/** The deeds on a platform, by those whose tokens are known; whatever they make is taken back. */
export class Matrix {
  constructor(
    /** Of each its token; of whoever has none undefined. */
    private readonly tokens: ReadonlyMap<Who, string | undefined>,
    private readonly doors: Doors,
  ) {}

  /** Puts there what the deeds are done to. */
  async prepare(): Promise<void> {
    await this.asManagement("gateway", { method: "PUT", path: "/v1/kv/access-test", body: 1 });
    const session = { Name: "access-test", Node: OWN_NODE };
    await this.asManagement("gateway", { method: "PUT", path: "/v1/session/create", body: session });
    await this.asManagement("gateway", {
      method: "POST",
      path: "/v1/query",
      body: { Name: "access-test", Service: { Service: "billing_service" } },
    });
    await this.asManagement("gateway", { method: "PUT", path: "/v1/config", body: DEFAULTS });
  }

  /** What each gets for it. */
  async tried(deed: Deed): Promise<Partial<Record<Who, Outcome>>> {
    const found: Partial<Record<Who, Outcome>> = {};
    for (const [who, token] of this.tokens) {
      found[who] = outcome(await this.make(deed.at, { ...deed.call, token }));
      if (deed.call.method !== "GET" && found[who] === "done") await this.undo();
    }
    return found;
  }

  /** What each should get. */
  expected(deed: Deed): Partial<Record<Who, Outcome>> {
    return Object.fromEntries(
      [...this.tokens.keys()].map((who) => [who, deed.may.includes(who) ? "done" : (deed.refusal ?? 403)]),
    );
  }

  /** Takes everything back. */
  async clean(): Promise<void> {
    await this.undo();
    await this.asManagement("gateway", { method: "DELETE", path: "/v1/kv/access-test" });
    await this.asManagement("gateway", { method: "DELETE", path: "/v1/config/service-defaults/billing_service" });
    for (const { ID, Name } of await this.list<{ ID: string; Name: string }>("/v1/session/list"))
      if (Name === "access-test")
        await this.asManagement("gateway", { method: "PUT", path: `/v1/session/destroy/${ID}` });
    for (const { ID, Name } of await this.list<{ ID: string; Name: string }>("/v1/query"))
      if (Name.includes("access-test"))
        await this.asManagement("gateway", { method: "DELETE", path: `/v1/query/${ID}` });
  }

  /** Takes back what a deed may have made. */
  private async undo(): Promise<void> {
    await this.asManagement("agent", { method: "PUT", path: "/v1/agent/service/deregister/access-test" });
    for (const Node of [OWN_NODE, "consul-server-1"])
      await this.asManagement("gateway", {
        method: "PUT",
        path: "/v1/catalog/deregister",
        body: { Node, CheckID: "access-test" },
      });
    for (const { ID, Name } of await this.list<{ ID: string; Name: string }>("/v1/acl/policies"))
      if (Name === "access-test")
        await this.asManagement("gateway", { method: "DELETE", path: `/v1/acl/policy/${ID}` });
    for (const { AccessorID, Description } of await this.list<{ AccessorID: string; Description: string }>(
      "/v1/acl/tokens",
    ))
      if (Description === "access-test")
        await this.asManagement("gateway", { method: "DELETE", path: `/v1/acl/token/${AccessorID}` });
  }

  private async list<T>(path: string): Promise<readonly T[]> {
    return JSON.parse((await this.asManagement("gateway", { method: "GET", path })).body) as readonly T[];
  }

  private async make(at: Deed["at"], call: Call): Promise<HttpResponse> {
    const { agent, httpPort } = this.doors;
    if (at === "agent") return toAgent(call, agent);
    for (let attempt = 1; ; attempt++) {
      const answer = await throughGateway(call, undefined, httpPort);
      // A follower hands a snapshot, or its refusal, on from the leader, and may find the stream closed before it has read it.
      const isBrokenOff = answer.status === 500 && BROKEN_OFF.test(answer.body);
      if (!isBrokenOff || attempt === 20) return answer;
    }
  }

  private asManagement(at: Deed["at"], call: Omit<Call, "token">): Promise<HttpResponse> {
    return this.make(at, { ...call, token: this.tokens.get("management") });
  }
}

const BROKEN_OFF = /^failed to decode response: read tcp .* connection reset/;

/** What is said to whoever may do something to what is not there. */
const NOTHING_THERE = /was not found in the Raft configuration|key size must be|failed to decompress snapshot: EOF/;

/** What an answer came to: done, refused, or nothing of it shown. */
function outcome({ status, body }: HttpResponse): Outcome {
  if (status === 403) return 403;
  if (status === 200) return ["[]", "{}", "null"].includes(body.trim()) ? "nothing is shown" : "done";
  // A transaction tells it of each of its parts.
  if (status === 409 && /"What":"Permission denied/.test(body)) return 403;
  // No such peer, no key, no archive: whoever may not is told 403.
  if (status === 500 && NOTHING_THERE.test(body)) return "done";
  // No such entry: whoever may not is told 403.
  if (status === 404 && /^Config entry not found/.test(body)) return "done";
  // `force-leave` of a node that nobody has: whoever may not is told 403.
  if (status === 500 && /agent: No node found/.test(body)) return "done";
  return `${status} ${body.slice(0, 200)}`;
}
