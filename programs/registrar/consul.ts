import { readFileSync } from "node:fs";
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

/** Why nothing is known: the agent cannot be reached, or what stands before it says so. */
export class Unreachable extends Error {}

/** Why the agent did not do it, in its words. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    said: string,
  ) {
    super(`${status} (${said})`);
  }
}

/** A request to the agent. */
export interface Call {
  readonly method: "GET" | "PUT";
  readonly path: string;
  /** Has the token, and is read for each call: it may be exchanged meanwhile. */
  readonly tokenFile: string;
  /** @default - none */
  readonly body?: string;
  /** How long a blocking query may take longer than others. @default 0 */
  readonly waitMs?: number;
}

/** What the agent answered. */
export interface Answer {
  /** 200, or 404. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface ConsulProps {
  /** Such as `https://consul-agent-shared:8501`. */
  readonly address: string;
  /** The authorities that it verifies the agent with, PEM, read again for each connection. @default - those of the machine */
  readonly caFile: string | undefined;
  /** The certificate that is shown, with its key, read again for each connection. @default - none */
  readonly pairFile?: string;
  /** The name that the certificate of the other side must carry. @default - the one in the address */
  readonly serverName?: string;
  /** How long an answer may take. @default 30000 */
  readonly withinMs?: number;
}

/** 17,000 services of the usual length make it; reading it takes the container near its memory limit. */
const LONGEST_ANSWER = 16 * 1024 * 1024;
const WITHIN_MS = 30_000;

/** Consul's API at one place, the agent or a server, over connections that stay open. */
export class Consul {
  private readonly url: URL;
  private files: readonly (string | undefined)[] = [];
  private agent: HttpAgent | undefined;

  constructor(private readonly props: ConsulProps) {
    this.url = new URL(props.address);
  }

  /** @throws Unreachable | Refused */
  async call({ method, path, tokenFile, body = "", waitMs = 0 }: Call): Promise<Answer> {
    const { url } = this;
    const options: RequestOptions = {
      method,
      path,
      host: url.hostname,
      port: url.port,
      agent: this.connections(),
      headers: { "X-Consul-Token": readFileSync(tokenFile, "utf8").trim(), "Content-Length": Buffer.byteLength(body) },
      signal: AbortSignal.timeout((this.props.withinMs ?? WITHIN_MS) + waitMs),
    };
    const answer = await send(url.protocol === "https:" ? httpsRequest : httpRequest, options, body);
    const { status } = answer;
    if (status === 200 || status === 404) return answer;
    // So answers what stands before an agent that is away.
    if (status >= 502 && status <= 504) throw new Unreachable(`the answer is ${status}`);
    throw new Refused(status, printed(answer.body.toString("utf8")));
  }

  /** Others where the authorities, or the certificate that is shown, are others now. */
  private connections(): HttpAgent {
    const { caFile, pairFile, serverName } = this.props;
    const files = [caFile, pairFile].map((file) => (file === undefined ? undefined : readFileSync(file, "utf8")));
    if (this.agent === undefined || files.some((text, at) => text !== this.files[at])) {
      this.agent?.destroy();
      this.files = files;
      const [ca, pair] = files;
      const keeping = { keepAlive: true, maxSockets: 32 };
      this.agent =
        this.url.protocol === "https:"
          ? new HttpsAgent({
              ...keeping,
              ...(ca === undefined ? {} : { ca }),
              ...(pair === undefined ? {} : { cert: pair, key: pair }),
              ...(serverName === undefined ? {} : { servername: serverName }),
            })
          : new HttpAgent(keeping);
    }
    return this.agent;
  }
}

function send(request: typeof httpRequest, options: RequestOptions, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new Unreachable(printed(error.message)));
    const sent = request(options, (response) => {
      const parts: Buffer[] = [];
      let length = 0;
      response.on("data", (part: Buffer) => {
        length += part.length;
        if (length > LONGEST_ANSWER) sent.destroy(new Error(`an answer is longer than ${LONGEST_ANSWER} bytes`));
        else parts.push(part);
      });
      response.on("error", fail);
      response.on("aborted", () => fail(new Error("the answer ended before its end")));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 500, headers: response.headers, body: Buffer.concat(parts, length) }),
      );
    });
    sent.on("error", fail);
    sent.end(body);
  });
}

/** A text in one short line of what can be printed. */
export function printed(text: string): string {
  return text
    .replace(/[^!-~]+/g, " ")
    .trim()
    .slice(0, 200);
}
