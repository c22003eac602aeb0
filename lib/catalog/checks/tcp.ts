import { z } from "zod";
import { type CheckTarget, hostPort, type TimedCheckDefinition, timing } from "./common";

/** A TCP connection that passes when it is accepted. */
export const tcpShape = {
  kind: z.literal("tcp").describe("A TCP connection to the address and port of the service"),
  ...timing,
};

/** A TCP check in Consul's words. */
export interface TcpCheckDefinition extends TimedCheckDefinition {
  readonly tcp: string;
}

/** What the shape above leaves to say about one service. */
interface TcpCheck {
  readonly interval: string;
  readonly timeout: string;
}

/** The check as Consul is to make it. */
export function renderTcp(check: TcpCheck, target: CheckTarget): TcpCheckDefinition {
  return {
    id: `${target.name}:tcp`,
    name: "TCP connect",
    tcp: hostPort(target),
    interval: check.interval,
    timeout: check.timeout,
  };
}
