import { writeSync } from "node:fs";
import { withPlatformLock } from "../../ops/platform/lock.js";

/**
 * A process of its own that tries to take the lock beside each folder that it is told, when it is told, and says how that
 * ended. With the lock it waits to be told to end.
 */
function send(word: string): void {
  process.send?.(word);
}

process.on("message", (message: { readonly state?: string }) => {
  if (message.state === undefined) return;
  withPlatformLock(message.state, "up", async () => {
    send("entered");
    await new Promise<void>((resolve) => {
      process.once("message", () => resolve());
    });
  }).then(
    () => send("left"),
    (error: unknown) => {
      if (!(error instanceof Error && "remedy" in error)) writeSync(2, `${error}\n`);
      send("refused");
    },
  );
});
process.on("disconnect", () => process.exit());
send("ready");
