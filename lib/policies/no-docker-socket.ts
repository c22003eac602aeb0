import type { Policy } from "./policy.js";

/** No container can command the Docker engine, which is root on the host, nor see the host's files. */
export const noDockerSocket: Policy = {
  id: "no-docker-socket",
  judge: (resource) => {
    if (resource.kind !== "container") return undefined;
    const { volumes, mounts } = resource.is;
    const sources = [...volumes.map(({ host_path }) => host_path), ...mounts.map(({ source }) => source)];
    const seen = sources.find((path) => path.startsWith("/"));
    if (seen === undefined) return undefined;
    return /docker\.sock$|^\/(var\/)?run\/?$/.test(seen) ? `it has the Docker socket (${seen})` : `it sees ${seen}`;
  },
  remedy: "bring files in by a carrier, and keep what commands Docker out of containers",
};
