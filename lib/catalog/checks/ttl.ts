import * as z from "zod";
import type { RenderedCheck } from "../definition-schema.js";
import { duration } from "../fields.js";

const wants = "a duration of at least 1s in hours, minutes and seconds, such as 30s";

/** A heartbeat that the service itself sends to the agent. */
export const ttlShape = {
  kind: z.literal("ttl").describe("A heartbeat that the service sends to the agent by itself"),
  ttl: duration("1s", wants).describe("How long after the last heartbeat it becomes critical, such as 30s"),
};

/** The check as Consul is to make it. */
export function renderTtl({ ttl }: { readonly ttl: string }): RenderedCheck {
  return { name: `Heartbeat within ${ttl}`, ttl };
}
