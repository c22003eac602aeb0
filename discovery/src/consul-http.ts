import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { BadAnswer, ConsulRefused, ConsulUnavailable, ConsulUnreachable, type DiscoveryError } from "./errors.js";
import { type ConsulPlace, mustKeepToken } from "./place.js";
import { canonicalHost } from "./reachable.js";

/** One request to Consul. */
export interface ConsulRequest {
  /** From `/v1/` on. */
  readonly path: string;
  /** @default "GET" */
  readonly method?: "GET" | "PUT";
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. @default none */
  readonly body?: unknown;
  /** Milliseconds for all of it, the last byte included: a socket that is dead says nothing. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** What Consul said: always a 200. */
export interface ConsulAnswer {
  /** The parsed body; undefined where it is empty. */
  readonly body: unknown;
  /** The body's length in characters. */
  readonly size: number;
  /** A header's value; undefined where there is none. */
  readonly header: (name: string) => string | undefined;
}

/** No answer that is read here comes near it: 10,000 instances have 10 MB. */
const MOST_CHARACTERS = 64 * 1024 * 1024;

/** Speaks HTTP with one Consul agent, over at most so many connections that are kept alive. */
export class ConsulHttp {
  private readonly agent: HttpAgent | HttpsAgent;
  private readonly place: ConsulPlace;

  /**
   * @param maxSockets most connections at once; Consul itself refuses more than 200 of one client
   * @param allowInsecureToken send the token even where others on the way could read it
   * @throws InvalidOption where they could and it is not allowed
   */
  constructor(place: ConsulPlace, maxSockets: number, allowInsecureToken: boolean) {
    if (!allowInsecureToken) mustKeepToken(place);
    this.place = place;
    const options = { keepAlive: true, keepAliveMsecs: 15_000, maxSockets, maxFreeSockets: maxSockets };
    const { ca, cert, key, serverName: servername, verify: rejectUnauthorized = true } = place;
    this.agent = place.tls
      ? new HttpsAgent({ ...options, ca, cert, key, rejectUnauthorized, ...(servername ? { servername } : {}) })
      : new HttpAgent(options);
  }

  /** Whether Consul itself is asked there. */
  isAt(host: string, port: number): boolean {
    const { host: own, port: ownPort, socketPath } = this.place;
    return socketPath === undefined && ownPort === port && canonicalHost(own) === canonicalHost(host);
  }

  /** Whether a token is sent. */
  get hasToken(): boolean {
    return this.place.token !== undefined;
  }

  /**
   * @throws ConsulUnreachable, ConsulUnavailable, ConsulRefused, BadAnswer; the signal's reason where it is aborted
   */
  async send(request: ConsulRequest): Promise<ConsulAnswer> {
    request.signal?.throwIfAborted();
    const { answer, text } = await this.exchange(request);
    const status = answer.statusCode ?? 0;
    if (status !== 200) throw refusalOf(request.path, status, text);
    const header = (name: string) => {
      const value = answer.headers[name.toLowerCase()];
      return Array.isArray(value) ? value[0] : value;
    };
    return { body: text.trim() === "" ? undefined : parse(request.path, text), size: text.length, header };
  }

  /** Closes every connection. */
  close(): void {
    this.agent.destroy();
  }

  private exchange(request: ConsulRequest): Promise<{ answer: IncomingMessage; text: string }> {
    const { path, timeoutMs, signal } = request;
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", stop);
        reject(signal?.aborted ? signal.reason : error);
      };
      const broken = (error: Error) => fail(unreachable(this.place, path, error));
      const call = (this.place.tls ? httpsRequest : httpRequest)(this.optionsOf(request), (answer) => {
        const parts: string[] = [];
        let size = 0;
        answer.setEncoding("utf8");
        answer.on("data", (part: string) => {
          size += part.length;
          if (size > MOST_CHARACTERS) call.destroy(new Error(`more than ${MOST_CHARACTERS} characters`));
          parts.push(part);
        });
        answer.on("error", broken);
        answer.on("close", () => answer.complete || broken(new Error("it broke off")));
        answer.on("end", () => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", stop);
          resolve({ answer, text: parts.join("") });
        });
      });
      const stop = () => call.destroy(new Error("aborted"));
      const timer = setTimeout(() => call.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      signal?.addEventListener("abort", stop, { once: true });
      call.on("error", broken);
      call.end(request.body === undefined ? undefined : JSON.stringify(request.body));
    });
  }

  private optionsOf({ path, method = "GET", query = {} }: ConsulRequest): RequestOptions {
    const { host, port, socketPath, token, datacenter } = this.place;
    const search = new URLSearchParams({
      ...(datacenter === undefined ? {} : { dc: datacenter }),
      ...query,
    }).toString();
    return {
      ...(socketPath === undefined ? { host, port } : { socketPath }),
      method,
      path: search === "" ? path : `${path}?${search}`,
      agent: this.agent,
      headers: { accept: "application/json", ...(token === undefined ? {} : { "x-consul-token": token }) },
    };
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadAnswer(`${path} answered something that is no JSON`, "Look whether it is Consul that answers there.");
  }
}

function unreachable({ host, port, socketPath, tls }: ConsulPlace, path: string, error: Error): ConsulUnreachable {
  const where = socketPath ?? `${host}:${port}`;
  return new ConsulUnreachable(
    `Consul at ${where} did not answer ${path}: ${error.message || error.name}`,
    tls && port === 8500
      ? "Port 8500 is the one for plain HTTP: use port 8501 for TLS."
      : "Look whether it runs and whether CONSUL_HOST, CONSUL_PORT and CONSUL_CACERT are right.",
    { cause: error },
  );
}

/** The error that an HTTP status other than 200 means. */
function refusalOf(path: string, status: number, text: string): DiscoveryError {
  if (status >= 300 && status < 400)
    return new BadAnswer(
      `What answers ${path} is not Consul: it redirects (${status})`,
      "No redirect is followed, so that no token goes to another host: name Consul's own address.",
    );
  const said = `Consul answered ${path} with ${status} ${text.trim().slice(0, 200)}`.trim();
  if (status === 429)
    return new ConsulUnavailable(said, "It has too many connections of this address: see http_max_conns_per_client.");
  if (status >= 500)
    return new ConsulUnavailable(said, "It has no leader, or what stands before it fails: look there.");
  if (status === 401 || status === 403)
    return new ConsulRefused(said, "Set CONSUL_TOKEN to a token that may read this service.", status);
  return new ConsulRefused(said, "The request is not one that this Consul knows.", status);
}
