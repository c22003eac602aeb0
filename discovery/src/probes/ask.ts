import { connect } from "node:net";

/** No answer of interest is longer. */
const MOST_BYTES = 8192;

/** Sends one request over TCP and gives what came back, once it is whole or the server has ended. */
export function ask(
  { host, port }: { readonly host: string; readonly port: number },
  request: Buffer,
  isWhole: (answer: Buffer) => boolean,
  signal: AbortSignal,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    const socket = connect({ host, port, signal });
    socket.on("connect", () => socket.write(request));
    socket.on("data", (part) => {
      answer = Buffer.concat([answer, part]);
      if (isWhole(answer) || answer.length > MOST_BYTES) socket.destroy();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}
