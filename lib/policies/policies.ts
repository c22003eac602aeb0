import { boundedLogs } from "./bounded-logs.js";
import { boundedMemory } from "./bounded-memory.js";
import { loopbackPorts } from "./loopback-ports.js";
import { noCapabilities } from "./no-capabilities.js";
import { noDockerSocket } from "./no-docker-socket.js";
import { noSecretInEnv } from "./no-secret-in-env.js";
import { nonRoot } from "./non-root.js";
import { pinnedImage } from "./pinned-image.js";
import type { Policy } from "./policy.js";
import { protectedServerVolumes } from "./protected-server-volumes.js";
import { readOnlyRoot } from "./read-only-root.js";

/** Every rule about resources. A new one is a file of its own and a line here and in docs/security.md. */
export const POLICIES: readonly Policy[] = [
  pinnedImage,
  loopbackPorts,
  nonRoot,
  readOnlyRoot,
  noCapabilities,
  boundedMemory,
  boundedLogs,
  noDockerSocket,
  noSecretInEnv,
  protectedServerVolumes,
];
