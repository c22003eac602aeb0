import { isIP } from "node:net";
import * as z from "zod";
import { duration, isAddress, isDuration, port, seconds } from "../fields.js";
import { text } from "../text.js";

/** What a check is made against. */
export interface CheckTarget {
  readonly address: string;
  readonly port: number;
}

/** Of a check that is made at the service's address. */
export const ownPort = {
  port: port
    .optional()
    .describe("The port that is asked, such as a management port; the port of the service if left out"),
};

const countWants = "a whole number from 0 to 1000";
const count = z.int(countWants).min(0, countWants).max(1000, countWants);

const intervalWants = "a duration of at least 1s in hours, minutes and seconds, such as 10s or 1m30s";
const timeoutWants = "a duration of at least 1s in hours, minutes and seconds, such as 5s";

/** The times of a check that is made at intervals, and how soon its outcome counts. */
export const timing = {
  interval: duration("1s", intervalWants).describe("How often the check is made, such as 10s or 1m30s; at least 1s"),
  timeout: duration("1s", timeoutWants).describe(
    "How long one attempt may take, such as 5s; at least 1s, at most the interval",
  ),
  success_before_passing: count
    .optional()
    .describe("How many attempts in a row must succeed before it is passing; at once if left out"),
  failures_before_critical: count
    .optional()
    .describe("How many attempts in a row must fail, after the first one, before it is critical; at once if left out"),
};

/** What the fields above leave to say about one service. */
export interface Timing {
  readonly interval: string;
  readonly timeout: string;
  readonly success_before_passing?: number | undefined;
  readonly failures_before_critical?: number | undefined;
}

/** Those fields in Consul's words, which are the same. */
export function renderTiming(check: Timing) {
  const { interval, timeout, success_before_passing, failures_before_critical } = check;
  return {
    interval,
    timeout,
    ...(success_before_passing === undefined ? {} : { success_before_passing }),
    ...(failures_before_critical === undefined ? {} : { failures_before_critical }),
  };
}

/** No redirect is followed: whoever answers would have the agent, which stands in the control plane, ask anybody. */
export const NO_REDIRECTS = { disable_redirects: true } as const;

/** Consul's least: the status is published with what is asked, and of the answer itself its last byte. */
export const NO_BODY = { output_max_size: 1 } as const;

/** A rule for `refine`: an attempt must end before the next begins. */
export const withinInterval = (check: { readonly interval: string; readonly timeout: string }): boolean =>
  !isDuration(check.timeout) || !isDuration(check.interval) || seconds(check.timeout) <= seconds(check.interval);

const serverNameWants = "the host name that the server's certificate carries, such as db.example.com";

/** The fields of a check over TLS, whose certificate the agent verifies against the authorities of its machine. */
export const tlsFields = {
  tls: z.boolean("true or false").optional().describe("Whether the service speaks TLS on its port; false if left out"),
  tls_server_name: text(253, serverNameWants)
    .refine((name) => isIP(name) === 0 && isAddress(name), serverNameWants)
    .optional()
    .describe("The name that the certificate must carry, where it is not the one that is asked"),
};

/** What `withinInterval` says when it is broken, and about which field. */
export const WITHIN_INTERVAL = { path: ["timeout"], error: "a timeout no longer than the interval" };
