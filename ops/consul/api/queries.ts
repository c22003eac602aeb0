import * as z from "zod";
import type { ConsulCalls } from "./calls.js";
import { type Named, namedSchema } from "./named.js";

/** `/v1/query`: prepared queries. */
export class QueryApi {
  constructor(private readonly calls: ConsulCalls) {}

  list(): Promise<readonly Named[]> {
    return this.calls.read("/v1/query", z.array(namedSchema));
  }

  async remove(id: string): Promise<void> {
    await this.calls.send("DELETE", `/v1/query/${id}`);
  }
}
