import { z } from "zod";
import { type CheckTarget, hostPort, renderTiming, type TimedCheckDefinition, type Timing, timing } from "./common";

/** A TCP connection that passes when it is accepted. */
export const tcpShape = {
  kind: z.literal("tcp").describe("A TCP connection to the address and port of the service"),
  ...timing,
};

/** A TCP check in Consul's words. */
export interface TcpCheckDefinition extends TimedCheckDefinition {
  readonly tcp: string;
}

/** The check as Consul is to make it. */
export function renderTcp(check: Timing, target: CheckTarget): TcpCheckDefinition {
  return {
    name: "TCP connect",
    tcp: hostPort(target),
    ...renderTiming(check),
  };
}
