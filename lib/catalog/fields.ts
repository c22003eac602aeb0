import { isIP } from "node:net";
import * as z from "zod";
import { filledFor } from "../../discovery/src/shared/placeholders.js";
import { strict } from "./strict.js";
import { open, text, visible } from "./text.js";

/*
 * The single values of the catalog. The error text of each says what it wants, so that a message can always read
 * "port is 0; write a whole number from 1 to 65535".
 */

/** The most tags and meta pairs a service can have. Consul takes 64 pairs, one of which is the team. */
const LIMITS = { tags: 64, metaPairs: 63 } as const;

/** The longest duration is `99999h99999m99999s`. */
const LONGEST_DURATION = 18;
const DURATION = /^(?=.)(?:\d{1,5}h)?(?:\d{1,5}m)?(?:\d{1,5}s)?$/;
const HOST = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

/** The seconds of a duration such as `10s`, `1m30s` or `2h`. */
export function seconds(duration: string): number {
  const units = [...duration.matchAll(/(\d{1,15})([hms])/g)];
  return units.reduce((sum, [, n, unit]) => sum + Number(n) * (unit === "h" ? 3600 : unit === "m" ? 60 : 1), 0);
}

/** Whether this is a duration. Text that is not one is reported as such and not compared with another. */
export function isDuration(text: string): boolean {
  return text.length <= LONGEST_DURATION && DURATION.test(text);
}

/**
 * A duration in Go's notation, in whole hours, minutes and seconds and in that order.
 * @param minimum the shortest one
 * @param wants what a message asks for instead of anything else
 */
export function duration(minimum: string, wants: string) {
  return text(LONGEST_DURATION, wants)
    .regex(DURATION, wants)
    .refine((duration) => seconds(duration) >= seconds(minimum), wants);
}

/** True for what is written as an RFC 1123 host name, an IPv4 or an IPv6 address. Whether a service can be there: host.ts. */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0 || HOST.test(text);
}

const addressWants =
  "a host name or an IP address, in which {name} may stand for the short name of the service and {id} for its id";
export const address = text(253, addressWants)
  .regex(/^[A-Za-z0-9.:{}-]+$/, addressWants)
  .refine((written) => isAddress(filledFor({ name: "x", id: "x" }, written)), addressWants);

const portWants = "a whole number from 1 to 65535";
export const port = z.int(portWants).min(1, portWants).max(65535, portWants);

const teamWants = "a name of a-z, 0-9 and - that begins with a letter, at most 63 long";
export const teamName = text(63, teamWants).regex(/^[a-z][a-z0-9-]*$/, teamWants);

const datacentersWant = "a list of 1 to 10 names of datacenters, such as dc2, each once";
/** Datacenters in the order in which they are tried. */
export const datacenters = z
  .array(text(63, datacentersWant).regex(/^[a-z0-9][a-z0-9-]{0,62}$/, datacentersWant), datacentersWant)
  .min(1, datacentersWant)
  .max(10, datacentersWant)
  .refine((names) => new Set(names).size === names.length, datacentersWant);

const nameWants = "a service name of a-z, 0-9, _ and - that begins with a letter, at most 63 long, and not consul";
export const serviceName = text(63, nameWants)
  .regex(/^[a-z][a-z0-9_-]*$/, nameWants)
  // Consul registers its own servers under this name.
  .refine((name) => name !== "consul", nameWants);

const tagWants =
  "a text of one line without a space at either end, at most 255 long, in quotes if it looks like a number";
const tagsWants = `a list of at most ${LIMITS.tags} tags, the team's included`;
export const tags = z
  .array(
    text(255, tagWants)
      .regex(/^[^\s\p{Cc}]+(?: +[^\s\p{Cc}]+)*$/u, { error: tagWants, abort: true })
      .superRefine(visible(tagWants))
      .superRefine(open),
    tagsWants,
  )
  .max(LIMITS.tags, tagsWants);

const keyWants = "a key of A-Z, a-z, 0-9, _ and -, at most 128 long, neither team nor one that begins with consul-";
const metaKey = text(128, keyWants).regex(/^(?!team$|consul-)[A-Za-z0-9_-]+$/, keyWants);
const valueWants = "a text of at most 512 bytes, in quotes if it looks like a number";
const metaValue = text(512, valueWants)
  .refine((value) => Buffer.byteLength(value) <= 512, valueWants)
  .superRefine(visible(valueWants, "\n\t"))
  .superRefine(open);
const metaWants = `a mapping of at most ${LIMITS.metaPairs} texts, the team's included`;
export const meta = z
  .record(metaKey, metaValue, metaWants)
  .refine((pairs) => Object.keys(pairs).length <= LIMITS.metaPairs, metaWants)
  .meta({ maxProperties: LIMITS.metaPairs });

/** What Consul's id of a service may look like; the registrar makes a file name of it. */
export const INSTANCE_ID = /^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,59}$/;
const idWants = "an id of letters, digits and _ . : -, at most 60 long";
export const instanceId = text(60, idWants).regex(INSTANCE_ID, idWants);

const regionWants = "a region of a-z, 0-9 and -, at most 63 long, such as eu-west-1";
export const region = text(63, regionWants).regex(/^[a-z0-9][a-z0-9-]*$/, regionWants);

const checkNameWants = "a name of a-z, 0-9 and - that begins with a letter, at most 63 long";
export const checkName = text(63, checkNameWants).regex(/^[a-z][a-z0-9-]*$/, checkNameWants);

/** Consul's own bounds; what it does not give for weights counts as 1. */
const weightWants = { passing: "a whole number from 1 to 65535", warning: "a whole number from 0 to 65535" };
export const weights = strict(
  {
    passing: z
      .int(weightWants.passing)
      .min(1, weightWants.passing)
      .max(65535, weightWants.passing)
      .describe("Its share while it passes, 1 to 65535"),
    warning: z
      .int(weightWants.warning)
      .min(0, weightWants.warning)
      .max(65535, weightWants.warning)
      .describe("Its share while a check warns, 0 to 65535"),
  },
  "a mapping with passing and warning",
);

const reapWants = "never, or a duration of at least 1m in hours, minutes and seconds, such as 90s";
/** Consul's own minimum is one minute: it raises anything shorter without a word. */
export const deregisterAfter = z.union([z.literal("never", reapWants), duration("1m", reapWants)], reapWants);
