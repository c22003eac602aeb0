import type { UserError } from "../../../lib/user-error.js";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** One request to Consul's HTTP API. */
export interface ConsulRequest {
  readonly method: Method;
  /** With its query, as it is sent: `/v1/kv/a?recurse`. */
  readonly path: string;
  /** @default - none */
  readonly body?: Uint8Array | undefined;
  /** An ACL token, which goes in a header alone. @default - none: the anonymous one */
  readonly token?: string | undefined;
  /** Milliseconds to wait for Consul. @default - each transport's own */
  readonly timeoutMs?: number | undefined;
}

/** What Consul answered, whatever the status. */
export interface ConsulResponse {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** A way to Consul's API. It also words its failures, because only it knows the remedy. */
export interface ConsulTransport {
  /**
   * Sends a request, and gives the response whatever its status. A response that is cut off is none.
   * @throws UserError where there is no response
   */
  send(request: ConsulRequest): Promise<ConsulResponse>;
  /** The error for a Consul that does not answer. */
  unreachable(why: string): UserError;
  /** The error for a Consul that answers, and not with what was asked for. */
  refused(said: string): UserError;
}
