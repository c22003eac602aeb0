import { z } from "zod";
import { type CheckTarget, hostPort, renderTiming, type TimedCheckDefinition, type Timing, timing } from "./common";

/** No control character: the registrar takes none. */
const PLAIN = /^[^\p{Cc}]*$/u;
const nameWants = "a header's name of letters, digits and -, at most 128 long";
const headerName = z
  .string(nameWants)
  .regex(/^[A-Za-z0-9-]+$/, nameWants)
  .max(128, nameWants);
const valueWants = "a text of one line, at most 1024 long, in quotes if it looks like a number";
const headerValue = z.string(valueWants).regex(PLAIN, valueWants).max(1024, valueWants);
const headersWant = "a mapping of at most 32 texts by name";
const bodyWants = "a text of one line, at most 4096 long";
const pathWants = "a path that begins with / and has no spaces, such as /health";

/** An HTTP request that passes on a status of 2xx, warns on 429 and is critical on everything else. */
export const httpShape = {
  kind: z.literal("http").describe("An HTTP request; 2xx passes, 429 warns, everything else is critical"),
  path: z
    .string(pathWants)
    .regex(/^\/(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*$/, pathWants)
    .max(512, pathWants)
    .describe("The path that is asked for, with its query if any, such as /health"),
  method: z
    .enum(["GET", "HEAD", "OPTIONS", "POST", "PUT"], "one of GET, HEAD, OPTIONS, POST, PUT")
    .default("GET")
    .describe("The method of the request; GET if left out"),
  header: z
    .record(headerName, headerValue, headersWant)
    .refine((pairs) => Object.keys(pairs).length <= 32, headersWant)
    .optional()
    .describe("Headers of the request: texts by name; no secrets, everybody may read them"),
  body: z
    .string(bodyWants)
    .regex(PLAIN, bodyWants)
    .max(4096, bodyWants)
    .optional()
    .describe("Body of the request, such as a health query in JSON"),
  ...timing,
};

/** An HTTP check in Consul's words. */
export interface HttpCheckDefinition extends TimedCheckDefinition {
  readonly http: string;
  readonly method: string;
  readonly header?: Readonly<Record<string, readonly string[]>>;
  readonly body?: string;
}

/** What the shape above leaves to say about one service. */
interface HttpCheck extends Timing {
  readonly path: string;
  readonly method: string;
  readonly header?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
}

/** The check as Consul is to make it; plain HTTP to the service's own address and port. */
export function renderHttp(check: HttpCheck, target: CheckTarget): HttpCheckDefinition {
  const header = check.header && Object.fromEntries(Object.entries(check.header).map(([name, text]) => [name, [text]]));
  return {
    id: `${target.name}:http`,
    name: `HTTP ${check.method} ${check.path}`,
    http: `http://${hostPort(target)}${check.path}`,
    method: check.method,
    ...(header === undefined ? {} : { header }),
    ...(check.body === undefined ? {} : { body: check.body }),
    ...renderTiming(check),
  };
}
