/** One registered instance, as Consul's health API gives it. */
export interface Registration {
  readonly id: string;
  readonly name: string;
  /** "" for a service like any other; `connect-proxy`, `mesh-gateway`, … */
  readonly kind: string;
  readonly node: string;
  readonly nodeAddress: string;
  /** Its node's where it has none of its own. */
  readonly address: string;
  readonly port: number;
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, string>>;
  readonly weights: { readonly passing: number; readonly warning: number };
  /** Its own, and its node's: one of those that is critical makes it critical too. */
  readonly checks: readonly RegisteredCheck[];
}

/**
 * A check as Consul's health API gives it. Of one that an agent makes it gives the kind and the times, and the target
 * only in what the check printed; of one that came through the catalog API it may give a definition.
 */
export interface RegisteredCheck {
  /** Of a node's check, its id, such as `serfHealth`; "" for a service's own. */
  readonly ofNode: string;
  /** `http`, `tcp`, `grpc`, `ttl`, …; "" where it came through the catalog. */
  readonly type: string;
  /** `passing`, `warning` or `critical`. */
  readonly status: string;
  /** A duration in Go's notation; "" where it is not told. */
  readonly interval: string;
  readonly timeout: string;
  readonly output: string;
  readonly definition: CheckDefinitionTold;
}

/** As much of a check's definition as a catalog can hold; each field may be missing. */
export interface CheckDefinitionTold {
  readonly http?: string | undefined;
  readonly method?: string | undefined;
  readonly tcp?: string | undefined;
  readonly grpc?: string | undefined;
  /** Whether the check is made over TLS, as far as it is told. */
  readonly tls?: boolean | undefined;
  /** The names of what else it has and is not written down, such as `Header`: it may hold secrets. */
  readonly more: readonly string[];
}

/** Whether an instance does not count as healthy. */
export function isCritical({ checks }: Registration): boolean {
  return checks.some(({ status }) => status !== "passing" && status !== "warning");
}
