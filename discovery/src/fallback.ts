import type { Instance } from "./instance.ts";

/** What stands in for Consul where it cannot be asked and nothing is known yet. */
export interface Fallback {
  /**
   * @returns the instances and how old they are, in ms (Infinity where nobody knows); undefined where it knows nothing
   */
  find(service: string): { readonly instances: readonly Instance[]; readonly ageMs: number } | undefined;
}
