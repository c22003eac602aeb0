import { isIP } from "node:net";
import { hostPort } from "../host-port.js";
import type { Registration } from "./registration.js";

/** A host and port that a check asks. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Where a target lies, seen from the service. */
export type Place =
  /** The service's own address. @param port where it is not the service's @param isMoved where the agent asked its own host */
  | { readonly kind: "own"; readonly port?: number; readonly isMoved: boolean }
  /** Another host. */
  | { readonly kind: "other" }
  /** The host of the agent that made the check, and the service is not there. */
  | { readonly kind: "agent" };

/** `10.0.0.1:80` and `[::1]:80`; undefined for anything else. */
export function targetIn(text: string): Target | undefined {
  const [, v6, plain, port] = /^(?:\[([0-9A-Fa-f:.%]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = v6 ?? plain;
  return host === undefined ? undefined : { host, port: Number(port) };
}

/** Where a check goes. What an agent asks of loopback it asks of its own node. */
export function placeOf({ host, port }: Target, registration: Registration): Place {
  const { address, nodeAddress } = registration;
  const isMoved = isLoopback(host) && !isSame(host, address);
  if (isMoved && address !== nodeAddress) return { kind: "agent" };
  if (isMoved || isSame(host, address))
    return { kind: "own", ...(port === registration.port ? {} : { port }), isMoved };
  return { kind: "other" };
}

/** A target as text. */
export function textOf({ host, port }: Target): string {
  return hostPort({ address: host, port });
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Whether an address means the machine that asks. */
function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|::1|0\.0\.0\.0|::)$/i.test(host);
}

/** Whether a name could stand behind an address that an error gives, which is never a name. */
export function mayBe(resolved: string, address: string): boolean {
  return isSame(resolved, address) || (isIP(resolved) !== 0 && isIP(address) === 0);
}
