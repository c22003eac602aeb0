import * as z from "zod";
import type { ConsulCalls } from "./calls.js";

/** Something in Consul as it lists it. */
export type ConsulObject = Readonly<Record<string, unknown>>;

const listSchema = z.array(z.record(z.string(), z.unknown()));
const tokenSchema = z.looseObject({ AccessorID: z.string() });
const objectSchema = z.looseObject({ ID: z.string() });
const indexes = new Set(["CreateIndex", "ModifyIndex", "LockIndex"]);

/** What Terraform keeps in Consul, whole, to see whether any of it is otherwise than before. */
export class ObjectsApi {
  constructor(private readonly calls: ConsulCalls) {}

  /** ACL policies, tokens and prepared queries, by their ids (of tokens the accessor ids). */
  async byId(): Promise<ReadonlyMap<string, ConsulObject>> {
    const [policies, tokens, queries] = await Promise.all([
      this.calls.read("/v1/acl/policies", z.array(objectSchema)),
      this.calls.read("/v1/acl/tokens", z.array(tokenSchema)),
      this.calls.read("/v1/query", z.array(objectSchema)),
    ]);
    return new Map([
      ...[...policies, ...queries].map((each) => [each.ID, withoutIndexes(each)] as const),
      ...tokens.map((each) => [each.AccessorID, withoutIndexes(each)] as const),
    ]);
  }

  /** The keys below a prefix, with their values. */
  async keys(prefix: string): Promise<readonly ConsulObject[]> {
    return this.list(`/v1/kv/${encodeURI(prefix)}?recurse`);
  }

  /** The config entries of a kind. */
  async configEntries(kind: string): Promise<readonly ConsulObject[]> {
    return this.list(`/v1/config/${kind}`);
  }

  /** Consul answers 404 where there is no key. */
  private async list(path: string): Promise<readonly ConsulObject[]> {
    const response = await this.calls.send("GET", path, { accepts: ({ status }) => status === 404 });
    return response.status === 404 ? [] : this.calls.parse(path, response, listSchema).map(withoutIndexes);
  }
}

/** An index says when something was written, and is another one after a restore. */
function withoutIndexes(object: ConsulObject): ConsulObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !indexes.has(name)));
}
