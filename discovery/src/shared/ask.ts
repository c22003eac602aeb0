import { connect } from "node:net";

/** No answer of interest is longer. */
const MOST_BYTES = 8192;

/** A server that is asked, and for how long. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** Cancels it when nobody waits for it any more. */
  readonly signal: AbortSignal;
  /** How long the server may say nothing. @default as long as the signal allows */
  readonly idleMs?: number;
}

/** Sends one request over TCP and gives what came back, once it is whole or the server has ended. */
export function ask(
  { host, port, signal, idleMs = 0 }: Target,
  request: Buffer,
  isWhole: (answer: Buffer) => boolean,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    const socket = connect({ host, port, signal });
    socket.setTimeout(idleMs, () => socket.destroy(new Error("no answer")));
    socket.on("connect", () => socket.write(request));
    socket.on("data", (part) => {
      answer = Buffer.concat([answer, part]);
      // Not cut off: a server that has more to say would log that.
      if (isWhole(answer) || answer.length > MOST_BYTES) socket.end();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}
