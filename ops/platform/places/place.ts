import type { DockerObject } from "../../docker/docker-host.js";

/** Where a container of the platform must stand: one of the networks that its stack declares. */
export interface Place {
  /** The container's name on the host. */
  readonly container: string;
  readonly stack: string;
  /** The network's name on the host. */
  readonly network: string;
  /** Its fixed IPv4 address there; "" where Docker gives one. */
  readonly address: string;
  /** What the others call it there, besides by its container's name. */
  readonly aliases: readonly string[];
}

/** A container in a network, as Docker has it. */
export interface Endpoint {
  readonly network: string;
  /** The container's id; `ep-…` for an endpoint without one. */
  readonly id: string;
  /** The container's name. */
  readonly container: string;
  /** The platform that the container belongs to; "" where nothing of ours made it. */
  readonly instance: string;
  /** False for one that is stopped: it answers to nothing, and gets this place when it starts. */
  readonly isRunning: boolean;
  /** True where a stopped container holds on to an earlier network of this name, which is gone: it cannot start. */
  readonly isStale: boolean;
  /** True where the container is gone, and Docker kept this of it. */
  readonly isGone: boolean;
  /** IPv4, without the length of its prefix; "" where Docker will give one. */
  readonly address: string;
  /** What Docker's DNS resolves to it in this network, in lower case. */
  readonly names: readonly string[];
}

/** Who stands where on the Docker host, as far as the platform's networks are concerned. */
export interface Host {
  /** Those of the networks looked at that are there, by name. */
  readonly networks: readonly string[];
  /** Every container on the host. */
  readonly containers: readonly DockerObject[];
  readonly endpoints: readonly Endpoint[];
}

/** The names under which a container is found in a place. Docker's DNS knows no upper case. */
export function namesIn({ container, aliases }: Pick<Place, "container" | "aliases">): readonly string[] {
  return [...new Set([container, ...aliases].map((name) => name.toLowerCase()))];
}
