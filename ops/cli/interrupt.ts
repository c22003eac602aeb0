import { setMaxListeners } from "node:events";

const controller = new AbortController();
// Each command that runs listens; Node takes more than ten for a leak and says so on standard error.
setMaxListeners(0, controller.signal);
let interrupted = false;

/**
 * Ctrl-C reaches every child of the terminal by itself, and Terraform takes a second signal for "at once": so we only
 * remember it. SIGTERM and SIGHUP come to this process alone and are passed on.
 */
export function onInterrupt(): void {
  process.on("SIGINT", () => {
    interrupted = true;
  });
  for (const signal of ["SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => {
      interrupted = true;
      controller.abort();
    });
}

/** Whether somebody asked this run to end. */
export function isInterrupted(): boolean {
  return interrupted;
}

/** Ends the commands that run when SIGTERM comes. */
export const interruption: AbortSignal = controller.signal;

/** Between two steps: throws where somebody asked this run to end. */
export function stopIfInterrupted(): void {
  if (interrupted) throw new Error("interrupted");
}
