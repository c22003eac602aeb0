import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type NetworkName, pythonOutput } from "./python.js";

const PROGRAM = readFileSync(join(import.meta.dirname, "attacker.py"), "utf8");

/** A endpoint of the platform, as containers on a network find it. */
export interface Endpoint {
  readonly network: NetworkName;
  readonly host: string;
  readonly port: number;
}

/** Somebody without a token in a container of their own, beside a endpoint of the platform. */
export class Attacker {
  constructor(private readonly endpoint: Endpoint) {}

  /** One PUT with a body of so many bytes, almost all of it one name. @returns the status, or "cut" */
  upload(path: string, bytes: number): Promise<string> {
    return this.does("upload", path, bytes);
  }

  /** Begins a request on each of so many connections, and holds them unfinished for some seconds. */
  unfinished(
    count: number,
    begun: string,
    seconds: number,
  ): Promise<{ readonly held: number; readonly refused: number }> {
    return this.does("unfinished", count, begun, seconds);
  }

  /** Asks modestly, a connection for each request. @returns how many were answered how, and the slowest's seconds */
  modest(
    path: string,
    seconds: number,
    perSecond: number,
  ): Promise<{ readonly counts: Readonly<Record<string, number>>; readonly slowest: number }> {
    return this.does("modest", path, seconds, perSecond);
  }

  /** Asks on one connection for so many services that there are not. @returns how many were answered how */
  names(query: string, count: number): Promise<Readonly<Record<string, number>>> {
    return this.does("names", query, count);
  }

  private async does<T>(does: string, ...args: readonly unknown[]): Promise<T> {
    const { network, host, port } = this.endpoint;
    // What JSON writes of a text is Python too.
    const asked = JSON.stringify(JSON.stringify({ host, port, does, with: args }));
    return JSON.parse(await pythonOutput(`ASKED = ${asked}\n${PROGRAM}`, { network })) as T;
  }
}
