import { request } from "node:https";
import { cut } from "../lib/printable";
import { UserError } from "../lib/user-error";

const TIMEOUT_MS = 10_000;

/** Where the gateway is, and how it is known for ours. */
export interface Door {
  /** The gateway's HTTPS port on 127.0.0.1. */
  readonly port: number;
  /** The certificate of the platform's CA. */
  readonly caPem: string;
  /** An ACL token. @default - none: the anonymous one */
  readonly token?: string;
}

export interface Question {
  readonly path: string;
  /** @default GET */
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Bytes as they are, anything else as JSON. @default - no body */
  readonly body?: unknown;
  /** Status codes whose body is an answer as well. @default - 200 alone */
  readonly takes?: readonly number[];
  /** Milliseconds without a sign of life. @default 10000 */
  readonly timeoutMs?: number;
}

/** What Consul answered, whatever the status. */
export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * One request to Consul through the gateway, over TLS that is verified. An answer that is cut off is none.
 * @throws UserError where there is no answer
 */
export function consulAnswer(door: Door, question: Question): Promise<Answer> {
  const { path, method = "GET", body, timeoutMs = TIMEOUT_MS } = question;
  const sent = body === undefined || body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(unreachable(error.message));
    const call = request(
      {
        ...{ host: "127.0.0.1", port: door.port, ca: door.caPem, timeout: timeoutMs, path, method },
        headers: {
          ...(door.token === undefined ? {} : { "X-Consul-Token": door.token }),
          // Node says of a DELETE's body by itself neither its length nor that there is one.
          ...(sent === undefined ? {} : { "Content-Length": sent.length }),
        },
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("error", fail);
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts) }));
      },
    );
    call.on("timeout", () => call.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    call.on("error", fail);
    call.end(sent);
  });
}

/**
 * The same, and gives the body.
 * @throws UserError where there is no answer, or another status
 */
export async function consulRequest(door: Door, question: Question): Promise<string> {
  const { status, body } = await consulAnswer(door, question);
  if (status === 200 || question.takes?.includes(status)) return body.toString();
  throw unreachable(toldBy(question.path, status, body));
}

/** How an answer is quoted in an error. */
export function toldBy(path: string, status: number, body: Buffer): string {
  const said = body.toString().trim();
  // What begins like this is a page of the gateway's, for people.
  return `${path} answered ${status}${said.startsWith("<") ? "" : ` ${cut(said, 200)}`}`;
}

/** The error for a Consul that cannot be asked. */
export function unreachable(why: string): UserError {
  return new UserError(`Consul does not answer through the gateway: ${why}`, "Run `npm run up`, which repairs it.");
}
