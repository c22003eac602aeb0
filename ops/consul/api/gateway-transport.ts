import { UserError } from "../../../lib/user-error.js";
import { httpExchange, NoResponse, tokenHeader } from "./http-exchange.js";
import type { ConsulRequest, ConsulResponse, ConsulTransport } from "./transport.js";

/** Behind a server that hangs the gateway itself waits up to 8 s. */
const TIMEOUT_MS = 10_000;

/** Through the platform's gateway, over TLS that is verified. */
export class GatewayTransport implements ConsulTransport {
  /**
   * @param port the gateway's HTTPS port on 127.0.0.1
   * @param caPem the certificate of the platform's CA
   */
  constructor(
    private readonly port: number,
    private readonly caPem: string,
  ) {}

  async send({ method, path, body, token, timeoutMs = TIMEOUT_MS }: ConsulRequest): Promise<ConsulResponse> {
    try {
      return await httpExchange({
        ...{ protocol: "https:", host: "127.0.0.1", port: this.port, ca: this.caPem },
        ...{ method, path, body, timeout: timeoutMs, headers: tokenHeader(token) },
      });
    } catch (error) {
      throw error instanceof NoResponse ? this.unreachable(error.message) : error;
    }
  }

  unreachable(why: string): UserError {
    return new UserError(
      `Consul does not answer through the gateway: ${why}`,
      "Run `npx rollcall up`, which repairs it.",
    );
  }

  refused(said: string): UserError {
    return new UserError(
      `Consul refuses the request through the gateway: ${said}`,
      "Run `npx rollcall up`, which repairs it, and this again.",
    );
  }
}
