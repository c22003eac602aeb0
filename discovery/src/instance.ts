/** What an instance's checks say together: the worst of them. */
export type Health = "passing" | "warning" | "critical";

/** One running copy of a service, as Consul knows it. Never changed in place: a change is a new object. */
export interface Instance {
  /** Unique in the datacenter: the node's name, a slash and the id. */
  readonly key: string;
  /** Its id on its agent. */
  readonly id: string;
  /** The service's name. */
  readonly service: string;
  /** The node whose agent has it registered. */
  readonly node: string;
  /** Host name or IP address (IPv6 without brackets) to connect to. */
  readonly address: string;
  readonly port: number;
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, string>>;
  readonly health: Health;
  /**
   * Critical for no other reason than that its agent was lost (`serfHealth`), while its own checks last passed. It may
   * well run: such instances are picked where no healthy one is left.
   */
  readonly agentLost: boolean;
  /** Its share of the requests in its present state: Consul's `weights.passing` or `weights.warning`, 1 by default. */
  readonly weight: number;
}

/** Where an instance listens, as the host part of a URL has it: `10.0.0.1:8080`, `[::1]:8080`. */
export function hostPort({ address, port }: Pick<Instance, "address" | "port">): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The same instances in the order of their keys, so that every process sees them alike. */
export function sorted(instances: readonly Instance[]): readonly Instance[] {
  return [...instances].sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0));
}
