/**
 * Memory limits in MiB, all in one place. Each is about three times what the container was seen to use with 40
 * services (`npm run bench` prints the use), so that a burst is absorbed and a leak is not.
 */
export const MEMORY = {
  server: 256,
  agent: 256,
  registrar: 192,
  // 800 requests under way use 50 MiB, and over TLS from the client on more (decision 017).
  gateway: 128,
  prober: 128,
  workload: 32,
  database: 192,
} as const;
