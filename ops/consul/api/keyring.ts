import * as z from "zod";
import type { ConsulCalls } from "./calls.js";
import type { Method } from "./transport.js";

/** The gossip keys of one pool (LAN or WAN), by how many of its members have them. */
export interface KeyPool {
  readonly isWan: boolean;
  readonly members: number;
  readonly keys: Readonly<Record<string, number>>;
  /** Key that members encrypt with → how many do. */
  readonly primary: Readonly<Record<string, number>>;
}

const counts = z.record(z.string(), z.number()).nullish();
const poolsSchema = z.array(z.object({ WAN: z.boolean(), NumNodes: z.number(), Keys: counts, PrimaryKeys: counts }));

const PATH = "/v1/operator/keyring";
/** Every member of both pools is asked and waited for. */
const TIMEOUT_MS = 20_000;

/** `/v1/operator/keyring`: the gossip keys of all members of both pools. */
export class KeyringApi {
  constructor(private readonly calls: ConsulCalls) {}

  async pools(): Promise<readonly KeyPool[]> {
    const pools = await this.calls.read(PATH, poolsSchema, { timeoutMs: TIMEOUT_MS });
    return pools.map(({ WAN, NumNodes, Keys, PrimaryKeys }) => ({
      ...{ isWan: WAN, members: NumNodes, keys: Keys ?? {}, primary: PrimaryKeys ?? {} },
    }));
  }

  /** Has every member learn a key. */
  install(key: string): Promise<void> {
    return this.tell("POST", key);
  }

  /** Has every member encrypt with a key that it knows. */
  use(key: string): Promise<void> {
    return this.tell("PUT", key);
  }

  /** Has every member forget a key. */
  remove(key: string): Promise<void> {
    return this.tell("DELETE", key);
  }

  private async tell(method: Method, key: string): Promise<void> {
    await this.calls.send(method, PATH, { body: { Key: key }, timeoutMs: TIMEOUT_MS });
  }
}
