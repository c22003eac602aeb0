import * as z from "zod";
import type { ConsulCalls } from "./calls.js";

/** `/v1/kv`: keys. */
export class KvApi {
  constructor(private readonly calls: ConsulCalls) {}

  /** The keys below a prefix. */
  keys(prefix: string): Promise<readonly string[]> {
    return this.list(`/v1/kv/${encodeURI(prefix)}?keys`);
  }

  /** What the keys below a prefix begin with, each up to its next slash. */
  folders(prefix: string): Promise<readonly string[]> {
    return this.list(`/v1/kv/${encodeURI(prefix)}?keys&separator=/`);
  }

  /** Deletes every key below a prefix. */
  async deleteTree(prefix: string): Promise<void> {
    await this.calls.send("DELETE", `/v1/kv/${encodeURI(prefix)}?recurse=true`);
  }

  /** Consul answers 404 where there is no key. */
  private async list(path: string): Promise<readonly string[]> {
    const response = await this.calls.send("GET", path, { accepts: ({ status }) => status === 404 });
    return response.status === 404 ? [] : this.calls.parse(path, response, z.array(z.string()));
  }
}
