import { createConnection, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { keyOf } from "./cache";

const LOOK_AGAIN_MS = 1_000;
const SAY_AGAIN_MS = 30_000;

/**
 * Does something that two runs must not do at the same time; the second one waits and says so.
 *
 * The lock is a socket name in the kernel (Linux's abstract names): it goes with its process, however that ends,
 * so nothing is ever left locked. Other systems build nothing long here and their steps are safe to do twice:
 * there it locks nothing.
 */
export async function withLock<T>(folder: string, report: (line: string) => void, work: () => Promise<T>): Promise<T> {
  if (process.platform !== "linux") return work();
  const name = `\0rollcall-prepare-${keyOf(folder)}`;
  let said = 0;
  for (;;) {
    const release = await acquire(name);
    if (release !== undefined) {
      try {
        return await work();
      } finally {
        release();
      }
    }
    if (Date.now() - said > SAY_AGAIN_MS) {
      said = Date.now();
      const owner = await ownerOf(name);
      if (owner !== "") report(`another run (process ${owner}) is preparing images and providers; waiting for it`);
    }
    await sleep(LOOK_AGAIN_MS);
  }
}

/** Takes the name; undefined where somebody has it. */
function acquire(name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    // Whoever waits asks for the number to show.
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.end(String(process.pid));
    });
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen(name, () => {
      server.unref();
      resolve(() => server.close());
    });
  });
}

/** The process that has the name, "" where it has just gone. */
function ownerOf(name: string): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    createConnection(name)
      .setEncoding("utf8")
      .on("data", (part: string) => {
        text += part;
      })
      .on("error", () => resolve(""))
      .on("close", () => resolve(text));
  });
}
