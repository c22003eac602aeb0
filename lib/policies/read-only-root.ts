import { aboutRunning } from "./policy.js";

/** A container cannot change its own program: it writes to volumes and tmpfs alone. */
export const readOnlyRoot = aboutRunning(
  "read-only-root",
  (container) => (container.read_only ? undefined : "its root can be written to"),
  "set readOnly, and give what it writes a volume or a tmpfs",
);
