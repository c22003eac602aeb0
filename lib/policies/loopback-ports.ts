import { aboutRunning } from "./policy.js";

/** A published port is reachable from this machine alone. */
export const loopbackPorts = aboutRunning(
  "loopback-ports",
  ({ ports }) => {
    const open = ports.filter(({ ip }) => ip !== "127.0.0.1").map(({ ip, external }) => `${ip}:${external ?? "any"}`);
    return open.length === 0 ? undefined : `it publishes ${open.join(" and ")}`;
  },
  "publish on 127.0.0.1 (loopbackPorts)",
);
