import { Discovery } from "./discovery.js";
import type { DiscoveryOptions } from "./options.js";

/**
 * The client of an application: one for the whole process, closed when it ends. Nothing is asked of Consul before the
 * first service is asked for.
 * @throws InvalidOption for an option or an environment that cannot be meant, and for a token that others could read
 */
export function createDiscovery(options: DiscoveryOptions = {}): Discovery {
  return new Discovery(options);
}
