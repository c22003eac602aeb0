import { request } from "node:https";
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
  /** Sent as JSON. @default - no body */
  readonly body?: unknown;
  /** Status codes whose body is an answer as well. @default - 200 alone */
  readonly takes?: readonly number[];
}

/**
 * One request to Consul through the gateway, over TLS that is verified; gives the body.
 * @throws UserError where there is no answer, or another status
 */
export function consulRequest(door: Door, question: Question): Promise<string> {
  const { path, method = "GET", body, takes = [] } = question;
  return new Promise((resolve, reject) => {
    const call = request(
      {
        ...{ host: "127.0.0.1", port: door.port, ca: door.caPem, timeout: TIMEOUT_MS, path, method },
        headers: door.token === undefined ? {} : { "X-Consul-Token": door.token },
      },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (part: string) => {
          text += part;
        });
        answer.on("error", (error) => reject(unreachable(error.message)));
        answer.on("end", () => {
          const status = answer.statusCode ?? 0;
          if (status === 200 || takes.includes(status)) resolve(text);
          else {
            // What begins like this is a page of the gateway's, for people.
            const said = text.trim().startsWith("<") ? "" : ` ${text.trim().slice(0, 200)}`;
            reject(unreachable(`${path} answered ${status}${said}`));
          }
        });
      },
    );
    call.on("timeout", () => call.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    call.on("error", (error) => reject(unreachable(error.message)));
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The error for a Consul that cannot be asked. */
export function unreachable(why: string): UserError {
  return new UserError(`Consul does not answer through the gateway: ${why}`, "Run `npm run up`, which repairs it.");
}
