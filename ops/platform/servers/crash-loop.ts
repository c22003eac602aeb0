import type { Settings } from "../../../lib/settings.js";
import { serverContainers } from "./server-containers.js";

const LOOK_EVERY_MS = 2_000;

/** Docker waits 100 ms, then twice as long each time: a server that ended itself so often in its first seconds is ill. */
const HOPELESS_RESTARTS = 4;

/**
 * Does something that replaces a server and waits until it is healthy; gives up early on a new one that ends itself
 * again and again, which Terraform would watch for three minutes.
 * @param before the id of the container that is to be replaced: how often that one crashed does not count
 */
export async function unlessItCrashes<T>(
  settings: Settings,
  node: string,
  before: string | undefined,
  work: (giveUp: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    serverContainers(settings)
      .then((servers) => {
        const now = servers.find((server) => server.node === node);
        if (now !== undefined && now.id !== before && now.restarts >= HOPELESS_RESTARTS) controller.abort();
      })
      // The container is being replaced at this moment.
      .catch(() => {})
      .finally(() => {
        isLooking = false;
      });
  }, LOOK_EVERY_MS);
  try {
    return await work(controller.signal);
  } finally {
    clearInterval(timer);
  }
}
