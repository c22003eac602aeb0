import * as z from "zod";
import type { RenderedCheck } from "../definition-schema.js";
import { hostPort } from "../host-port.js";
import { type CheckTarget, ownPort, renderTiming, type Timing, timing } from "./common.js";

/** A TCP connection that passes when it is accepted. */
export const tcpShape = {
  kind: z.literal("tcp").describe("A TCP connection to the service"),
  ...ownPort,
  ...timing,
};

/** The check as Consul is to make it. */
export function renderTcp(check: Timing, target: CheckTarget): RenderedCheck {
  return {
    name: "TCP connect",
    tcp: hostPort(target),
    ...renderTiming(check),
  };
}
