import { z } from "zod";
import { type CheckTarget, hostPort, type TimedCheckDefinition, timing } from "./common";

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
  ...timing,
};

/** An HTTP check in Consul's words. */
export interface HttpCheckDefinition extends TimedCheckDefinition {
  readonly http: string;
  readonly method: string;
}

/** What the shape above leaves to say about one service. */
interface HttpCheck {
  readonly path: string;
  readonly method: string;
  readonly interval: string;
  readonly timeout: string;
}

/** The check as Consul is to make it; plain HTTP to the service's own address and port. */
export function renderHttp(check: HttpCheck, target: CheckTarget): HttpCheckDefinition {
  return {
    id: `${target.name}:http`,
    name: `HTTP ${check.method} ${check.path}`,
    http: `http://${hostPort(target)}${check.path}`,
    method: check.method,
    interval: check.interval,
    timeout: check.timeout,
  };
}
