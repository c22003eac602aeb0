/**
 * Memory limits in MiB, all in one place. Each is about three times what the container was seen to use with 40
 * services (`npm run bench` prints the use), so that a burst is absorbed and a leak is not.
 */
export const MEMORY = {
  server: 256,
  agent: 256,
  // Beside it, in the same container.
  agentDoor: 128,
  registrar: 192,
  // All connections, requests and bodies that it takes at once use 286 MiB, and answers that nobody reads up to 180 MiB
  // more, where the kernel counts sockets' buffers (decision 038).
  gateway: 512,
  prober: 128,
  backup: 256,
  monitor: 128,
  // With 40 services Prometheus has 70 MiB at first, and more with the head of its two hours.
  prometheus: 256,
  alertmanager: 96,
  blackbox: 64,
  applicationMetrics: 48,
  workload: 32,
  database: 192,
} as const;

/**
 * The environment that has a Go program keep its heap below three quarters of the container's limit: it collects its
 * garbage more often then, where it would otherwise let it double and be killed. The rest is for what the kernel counts
 * too, its sockets' buffers.
 * @param memory the container's limit in MiB
 */
export function goMemoryLimit(memory: number): { readonly GOMEMLIMIT: string } {
  return { GOMEMLIMIT: `${Math.floor(0.75 * memory)}MiB` };
}
