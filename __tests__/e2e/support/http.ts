import { spawn } from "node:child_process";
import { type IncomingHttpHeaders, request as plain } from "node:http";
import { request as overTls } from "node:https";
import { nameOf, platform } from "./platform.js";

export interface Call {
  readonly method: string;
  readonly path: string;
  /** Sent as JSON. @default - no body */
  readonly body?: unknown;
  /** An ACL token. @default - none: the anonymous one */
  readonly token?: string | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * One request through the gateway: on its plain port, or over TLS where `tls` is given.
 * @param tls which CA to trust, without `ca` those of the machine alone; the TLS port of another platform
 * @param httpPort its plain port, where it is of another platform than the one under test
 */
export function throughGateway(
  call: Call,
  tls?: { readonly ca?: string; readonly port?: number; readonly rejectUnauthorized?: boolean },
  httpPort = platform().httpPort,
): Promise<HttpResponse> {
  const { httpsPort } = platform();
  const options = {
    host: "127.0.0.1",
    method: call.method,
    path: call.path,
    agent: false,
    headers: call.token === undefined ? {} : { "X-Consul-Token": call.token },
  };
  return new Promise((resolve, reject) => {
    const made =
      tls === undefined ? plain({ ...options, port: httpPort }) : overTls({ ...options, port: httpsPort, ...tls });
    made.on("error", reject).on("response", (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (part: string) => {
        body += part;
      });
      answer.on("error", reject);
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
    });
    made.end(call.body === undefined ? undefined : JSON.stringify(call.body));
  });
}

/**
 * One request to the shared agent, on port 8500 as an application makes it; the token is on no command line.
 * @param agent the agent's container, where it is of another platform than the one under test
 */
export function toAgent(call: Call, agent = nameOf("consul-agent-shared")): Promise<HttpResponse> {
  const body = call.body === undefined ? "" : JSON.stringify(call.body);
  const lines = [
    // 1.0: the agent closes when it has answered, and sends no chunks.
    `${call.method} ${call.path} HTTP/1.0`,
    "Host: consul-agent-shared",
    ...(call.token === undefined ? [] : [`X-Consul-Token: ${call.token}`]),
    `Content-Length: ${Buffer.byteLength(body)}`,
    "",
    body,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn("docker", ["exec", "-i", agent, "nc", "127.0.0.1", "8500"]);
    let text = "";
    let complaint = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      complaint += part;
    });
    child.on("error", reject);
    child.on("close", () => {
      const [, status, head = "", rest] = /^HTTP\/1\.\d (\d{3})[^\r]*\r\n([\s\S]*?)\r\n\r\n([\s\S]*)$/.exec(text) ?? [];
      if (status === undefined || rest === undefined)
        reject(new Error(`the agent gave no answer: ${complaint}${text}`));
      else resolve({ status: Number(status), headers: headersIn(head), body: rest });
    });
    child.stdin.on("error", () => {});
    child.stdin.write(lines.join("\r\n"));
  });
}

/** Rejects what is no 200, and an empty list: whoever looked for a service found none. */
export async function mustFind(asked: Promise<HttpResponse>): Promise<void> {
  const { status, body } = await asked;
  if (status !== 200 || body.trim() === "[]") throw new Error(`${status} ${body.slice(0, 200)}`);
}

function headersIn(head: string): IncomingHttpHeaders {
  return Object.fromEntries(
    head
      .split("\r\n")
      .map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 2)]),
  );
}
