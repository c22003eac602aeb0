import { cannotRun } from "../../../lib/cannot-run.js";
import { CommandFailed } from "../../../lib/process.js";
import { UserError } from "../../../lib/user-error.js";
import { execIn } from "../../docker/containers.js";
import { tokenHeader } from "./http-exchange.js";
import type { ConsulRequest, ConsulResponse, ConsulTransport } from "./transport.js";

const TIMEOUT_MS = 8_000;
/** Without a leader a server takes some 7 s to say that it does not remember a token. */
const TOKEN_TIMEOUT_MS = 18_000;

/**
 * Inside a container, from the Consul that runs there: needs neither the gateway nor an open port. The request goes in
 * through standard input, since everybody on the machine sees a command line. For text: other bytes do not arrive as they are.
 */
export class InsideTransport implements ConsulTransport {
  constructor(
    private readonly container: string,
    private readonly exec: typeof execIn = execIn,
  ) {}

  async send(request: ConsulRequest): Promise<ConsulResponse> {
    const { token, timeoutMs = token === undefined ? TIMEOUT_MS : TOKEN_TIMEOUT_MS } = request;
    const seconds = String(timeoutMs / 1000);
    const netcat = ["busybox", "timeout", seconds, "busybox", "nc", "127.0.0.1", "8500"];
    // The input stays open: netcat hands its end on, and to the Nginx before the shared agent that is a client that went away.
    const text = await this.exec(this.container, netcat, written(request)).catch((error: unknown) => {
      const isOfConsul = error instanceof CommandFailed && cannotRun(error) === undefined && error.reason !== "aborted";
      throw isOfConsul ? this.unreachable(error.lines.at(-1) ?? `no answer within ${seconds} s`) : error;
    });
    const response = responseIn(text);
    if (response === undefined) throw this.unreachable("it closed before it had answered");
    return response;
  }

  unreachable(why: string): UserError {
    return new UserError(`Consul in ${this.container} does not answer: ${why}`, "Run `npx rollcall up`.");
  }

  refused(said: string): UserError {
    return new UserError(`Consul in ${this.container} refuses the request: ${said}`, "Run `npx rollcall up`.");
  }
}

/** A request as it goes over the wire. */
function written({ method, path, body, token }: ConsulRequest): string {
  const sent = body === undefined ? "" : Buffer.from(body).toString();
  const headers = { Host: "localhost", ...tokenHeader(token), "Content-Length": String(body?.length ?? 0) };
  // 1.0: Consul closes when it has answered, and sends no chunks.
  const lines = [`${method} ${path} HTTP/1.0`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  return `${lines.join("\r\n")}\r\n\r\n${sent}`;
}

/** The response as it came over the wire; undefined where it is cut off. */
function responseIn(text: string): ConsulResponse | undefined {
  const end = text.indexOf("\r\n\r\n");
  const [first = "", ...lines] = text.slice(0, Math.max(0, end)).split("\r\n");
  const status = /^HTTP\/1\.\d (\d{3})\b/.exec(first)?.[1];
  if (status === undefined) return undefined;
  const pairs = lines.map((line) => line.split(/:\s*/, 2));
  const headers = Object.fromEntries(pairs.map(([name = "", value = ""]) => [name.toLowerCase(), value]));
  const body = Buffer.from(text.slice(end + 4));
  const length = headers["content-length"];
  return length !== undefined && Number(length) !== body.length ? undefined : { status: Number(status), headers, body };
}
