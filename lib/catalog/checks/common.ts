import { isIP, isIPv6 } from "node:net";
import { z } from "zod";
import { duration, isAddress, isDuration, seconds } from "../fields";
import { text } from "../text";

/** What a check is made against. */
export interface CheckTarget {
  readonly address: string;
  readonly port: number;
}

/** What every check that Consul makes by itself has in common, in Consul's words. */
export interface TimedCheckDefinition {
  /** What Consul's UI shows. */
  readonly name: string;
  readonly interval: string;
  readonly timeout: string;
  readonly success_before_passing?: number;
  readonly failures_before_critical?: number;
}

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

/** How Consul's HTTP check is to take an answer, in its words. */
export interface HttpAnswerDefinition {
  /** Left out where redirects are followed. */
  readonly disable_redirects?: true;
  /** Of the answer, so many bytes of its end are published. */
  readonly output_max_size?: number;
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

/** `address:port`, with an IPv6 address in brackets. */
export function hostPort(target: { readonly address: string; readonly port: number }): string {
  return isIPv6(target.address) ? `[${target.address}]:${target.port}` : `${target.address}:${target.port}`;
}
