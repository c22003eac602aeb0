import { boundedLogs } from "./bounded-logs";
import { boundedMemory } from "./bounded-memory";
import { loopbackPorts } from "./loopback-ports";
import { noCapabilities } from "./no-capabilities";
import { noDockerSocket } from "./no-docker-socket";
import { noSecretInEnv } from "./no-secret-in-env";
import { nonRoot } from "./non-root";
import { pinnedImage } from "./pinned-image";
import type { Policy } from "./policy";
import { protectedServerVolumes } from "./protected-server-volumes";
import { readOnlyRoot } from "./read-only-root";

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
