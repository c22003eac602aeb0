import { request as requestPlain } from "node:http";
import { type RequestOptions, request as requestOverTls } from "node:https";
import type { ConsulResponse } from "./transport.js";

/** What Node's own client is told, and the body. */
export interface HttpExchange extends RequestOptions {
  readonly protocol: "http:" | "https:";
  /** Milliseconds without a sign of life. */
  readonly timeout: number;
  /** @default - none */
  readonly body?: Uint8Array | undefined;
}

/** Nobody answered, or not to the end. */
export class NoResponse extends Error {}

/**
 * One request over HTTP. Redirects are not followed: they would take a token with them.
 * @throws NoResponse where there is no whole response
 */
export function httpExchange({ body, ...options }: HttpExchange): Promise<ConsulResponse> {
  const request = options.protocol === "https:" ? requestOverTls : requestPlain;
  return new Promise((resolve, reject) => {
    const fail = ({ message }: Error) => reject(new NoResponse(message || "no connection"));
    const call = request(options, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", fail);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    // Node says of a DELETE's body by itself neither its length nor that there is one.
    if (body !== undefined) call.setHeader("Content-Length", body.length);
    call.on("timeout", () => call.destroy(new Error(`no answer within ${options.timeout / 1000} s`)));
    call.on("error", fail);
    call.end(body);
  });
}

/** The header that carries an ACL token. */
export function tokenHeader(token: string | undefined): Readonly<Record<string, string>> {
  return token === undefined ? {} : { "X-Consul-Token": token };
}
