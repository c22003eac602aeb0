import type { CallOptions } from "./call.js";
import { InvalidOption } from "./errors.js";
import type { Filter } from "./filter.js";
import type { HeartbeatOptions } from "./heartbeat.js";
import type { DiscoveryOptions, PickOptions } from "./options.js";
import type { OutlierOptions } from "./outliers.js";
import type { RegistrationOptions } from "./service-definition.js";
import {
  anObject,
  callable,
  either,
  filled,
  group,
  having,
  list,
  number,
  oneOf,
  pairs,
  type Rule,
  type Rules,
  type Shape,
  shapeOf,
  share,
  text,
  texts,
  timer,
  whole,
  yesNo,
} from "./shape.js";
import type { SlowStartOptions } from "./slow-start.js";
import { STRATEGIES } from "./strategy-by-name.js";

const strategy = either(callable, oneOf(Object.keys(STRATEGIES)));
const pair: Rule = (value, what, name) =>
  Array.isArray(value) && value.length === 2 && value.every((each) => timer(each, what, name) === undefined)
    ? undefined
    : "two numbers, the first and the longest pause in ms";

const outliers: Rules<OutlierOptions> = {
  consecutiveFailures: number(),
  baseEjectionMs: number(),
  maxEjectionMs: number(),
  maxEjected: share,
  panicBelow: share,
  forgiveMs: number(),
};

const slowStart: Rules<SlowStartOptions> = { windowMs: number(), least: share };

/** What `createDiscovery` takes. */
export const DISCOVERY: Shape = shapeOf<DiscoveryOptions>({
  host: filled,
  port: whole(1, 65_535),
  tls: yesNo,
  token: text,
  datacenter: filled,
  ca: filled,
  allowInsecureToken: yesNo,
  env: anObject,
  maxSockets: whole(1),
  strategy,
  region: filled,
  outliers: group(outliers),
  slowStart: group(slowStart),
  snapshot: filled,
  snapshotEveryMs: timer,
  staticCatalog: either(filled, list),
  metrics: having("start", "outcome", "ejected"),
  onError: callable,
  random: having("below", "fraction"),
  now: callable,
  fetch: callable,
  timeoutMs: timer,
  waitMs: timer,
  ttlMs: number(),
  maxAgeMs: number(),
  maxWatches: number(),
  maxServices: number(1),
  maxCharacters: number(1),
  backoffMs: pair,
});

const FILTER: Rules<Filter> = { tags: texts, meta: pairs, version: filled };

/** What `instances` and `watch` take. */
const FOLLOW_RULES: Rules<Filter & { readonly signal?: AbortSignal }> = { ...FILTER, signal: anObject };
export const FOLLOW: Shape = shapeOf(FOLLOW_RULES);

/** What a pick takes besides the service. */
export const PICK: Shape = shapeOf<PickOptions>({
  ...FOLLOW_RULES,
  strategy,
  key: text,
  whenNoneHealthy: oneOf(["error", "all"]),
});

/** What `heartbeat` takes besides the service's id and the probe. */
export const HEARTBEAT: Shape = shapeOf<HeartbeatOptions>({ intervalMs: timer, timeoutMs: timer, checkId: filled });

const check: Rules<{ readonly kind: string; readonly path: string; readonly ttl: string }> = {
  kind: oneOf(["http", "tcp", "ttl"]),
  path: text,
  ttl: filled,
};

/** What `register` takes. */
export const REGISTRATION: Shape = shapeOf<RegistrationOptions>({
  name: filled,
  address: filled,
  port: whole(1, 65_535),
  tags: texts,
  meta: pairs,
  id: filled,
  check: group(check),
  interval: filled,
  timeout: filled,
  deregisterAfter: filled,
  renewMs: timer,
});

/** What `fetch` of a discovery takes besides what the global one takes. */
export const CALL: Shape = shapeOf<Omit<CallOptions, keyof RequestInit>>({
  scheme: oneOf(["http", "https"]),
  attempts: whole(1),
  attemptTimeoutMs: timer,
});

/** Refuses a service's name, or an id, that names nothing. @throws InvalidOption */
export function mustName(what: string, service: unknown): void {
  if (typeof service === "string" && service.trim() !== "") return;
  const shown = typeof service === "string" ? "an empty name" : `${service} of the type ${typeof service}`;
  throw new InvalidOption(`${what} got ${shown}`, "Name a service as the catalog does, such as billing_service.");
}
