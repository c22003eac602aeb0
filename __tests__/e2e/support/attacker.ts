import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type NetworkName, pythonOutput } from "./python";

const PROGRAM = readFileSync(join(__dirname, "attacker.py"), "utf8");

/** A door of the platform, as containers on a network find it. */
export interface Door {
  readonly network: NetworkName;
  readonly host: string;
  readonly port: number;
}

/** Somebody without a token in a container of their own, beside a door of the platform. */
export class Attacker {
  constructor(private readonly door: Door) {}

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

  private async does<T>(does: string, ...args: readonly unknown[]): Promise<T> {
    const { network, host, port } = this.door;
    // What JSON writes of a text is Python too.
    const asked = JSON.stringify(JSON.stringify({ host, port, does, with: args }));
    return JSON.parse(await pythonOutput(`ASKED = ${asked}\n${PROGRAM}`, { network })) as T;
  }
}
