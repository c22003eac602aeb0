import type * as z from "zod";
import { cut } from "../../../lib/printable.js";
import type { UserError } from "../../../lib/user-error.js";
import type { ConsulResponse, ConsulTransport, Method } from "./transport.js";

/** What holds for every call of a client. */
export interface CallOptions {
  /** An ACL token. @default - none: the anonymous one */
  readonly token?: string | undefined;
  /**
   * Whether catalog and health may be told of what the server that is asked has itself: that needs no leader, and may be a
   * moment old. @default false
   */
  readonly mayBeStale?: boolean;
}

/** What one call has besides. */
interface Call {
  /** Bytes as they are, anything else as JSON. @default - no body */
  readonly body?: unknown;
  /** Whether a response with another status than 200 is wanted as well. @default - none is */
  readonly accepts?: (response: ConsulResponse) => boolean;
  /** @default - the client's own */
  readonly token?: string;
  /** @default - the transport's own */
  readonly timeoutMs?: number;
}

/** What a token may read of something. */
export interface Filtered<T> {
  readonly value: T;
  /** Whether something was left out. */
  readonly isFiltered: boolean;
}

/** What the parts of `ConsulApi` ask by: the token, and the one rule for a response that is not wanted. */
export class ConsulCalls {
  constructor(
    private readonly transport: ConsulTransport,
    private readonly options: CallOptions = {},
  ) {}

  /** @throws UserError where there is no response, or one that is not wanted */
  async send(method: Method, path: string, call: Call = {}): Promise<ConsulResponse> {
    const { body, accepts, token = this.options.token, timeoutMs } = call;
    const response = await this.transport.send({ method, path, body: bytesOf(body), token, timeoutMs });
    if (response.status === 200 || accepts?.(response) === true) return response;
    const said = messageOf(path, response);
    throw isSilence(response) ? this.transport.unreachable(said) : this.transport.refused(said);
  }

  /** What a GET gives. @throws UserError where it is not what Consul gives, too */
  async read<T>(path: string, schema: z.ZodType<T>, call: Call = {}): Promise<T> {
    return this.parse(path, await this.send("GET", path, call), schema);
  }

  /** The same, of what the server that is asked has itself where that is enough for this client. */
  readNear<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const stale = this.options.mayBeStale === true ? `${path.includes("?") ? "&" : "?"}stale` : "";
    return this.read(`${path}${stale}`, schema);
  }

  /** The same as `read`, with whether something was left out because the token may not read it. */
  async readFiltered<T>(path: string, schema: z.ZodType<T>): Promise<Filtered<T>> {
    const response = await this.send("GET", path);
    const isFiltered = response.headers["x-consul-results-filtered-by-acls"] === "true";
    return { value: this.parse(path, response, schema), isFiltered };
  }

  /** A response's JSON. @throws UserError where it is not what Consul gives */
  parse<T>(path: string, { body }: ConsulResponse, schema: z.ZodType<T>): T {
    const { data, success } = schema.safeParse(jsonIn(body.toString()));
    if (!success) throw this.transport.refused(`${path} answered something else than Consul does`);
    return data;
  }

  /** The error for a Consul that answers nothing of use. */
  unreachable(why: string): UserError {
    return this.transport.unreachable(why);
  }
}

/** How a response is quoted in an error. */
function messageOf(path: string, { status, body }: ConsulResponse): string {
  const said = body.toString().trim();
  // What begins like this is a page for people, such as the gateway's.
  return `${path} answered ${status}${said.startsWith("<") ? "" : ` ${cut(said, 200)}`}`;
}

/** Whether it says that Consul does not answer: no server behind the gateway, or no leader among the servers. */
function isSilence({ status, body }: ConsulResponse): boolean {
  return [502, 503, 504].includes(status) || (status === 500 && /no cluster leader/i.test(body.toString()));
}

function bytesOf(body: unknown): Uint8Array | undefined {
  return body === undefined || body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
