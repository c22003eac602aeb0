import { urlToHttpOptions } from "node:url";
import { UserError } from "../../../lib/user-error.js";
import { httpExchange, NoResponse, tokenHeader } from "./http-exchange.js";
import type { ConsulRequest, ConsulResponse, ConsulTransport } from "./transport.js";

const TIMEOUT_MS = 30_000;
const LOOK = "Look at the address, such as http://localhost:8500, and at the token's rights.";

/** At an address: a Consul of somebody else's. */
export class UrlTransport implements ConsulTransport {
  /** @param from such as `http://localhost:8500` */
  constructor(private readonly from: string) {}

  async send({ method, path, body, token, timeoutMs = TIMEOUT_MS }: ConsulRequest): Promise<ConsulResponse> {
    if (!URL.canParse(this.from)) throw this.unreachable("it is no address");
    const url = new URL(this.from);
    try {
      return await httpExchange({
        ...urlToHttpOptions(url),
        ...{ protocol: url.protocol === "https:" ? "https:" : "http:", method, path, body },
        // Also what comes drop by drop is to end.
        ...{ timeout: timeoutMs, signal: AbortSignal.timeout(timeoutMs), headers: tokenHeader(token) },
      });
    } catch (error) {
      throw error instanceof NoResponse ? this.unreachable(error.message) : error;
    }
  }

  unreachable(why: string): UserError {
    return new UserError(`${this.from} does not answer as Consul does: ${why}`, LOOK);
  }

  refused(said: string): UserError {
    return new UserError(`${this.from} refuses the request: ${said}`, LOOK);
  }
}
