/** Every error of this package: a message that says what is wrong, a remedy that says what to do, and a code. */
export class DiscoveryError extends Error {
  /** For programs; does not change between versions. */
  readonly code: string = "DISCOVERY";

  /**
   * @param problem what is wrong, and where
   * @param remedy what to do about it, as a sentence
   */
  constructor(
    readonly problem: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(`${problem}. ${remedy}`, options);
    this.name = new.target.name;
  }
}

/** An option, an argument or an environment variable that cannot be meant. */
export class InvalidOption extends DiscoveryError {
  override readonly code = "INVALID_OPTION";
}

/** Consul cannot be reached, does not answer in time, or breaks off. */
export class ConsulUnreachable extends DiscoveryError {
  override readonly code = "CONSUL_UNREACHABLE";
}

/** Consul answered that it cannot serve now: no leader (500), too many connections (429), a gateway's 502 to 504. */
export class ConsulUnavailable extends DiscoveryError {
  override readonly code = "CONSUL_UNAVAILABLE";
}

/** Consul refused the request itself (4xx): the token, or something that it does not know. */
export class ConsulRefused extends DiscoveryError {
  override readonly code = "CONSUL_REFUSED";

  /** @param status the HTTP status */
  constructor(
    problem: string,
    remedy: string,
    readonly status: number,
  ) {
    super(problem, remedy);
  }
}

/** What came back is not what Consul says: no JSON, another shape, more than is believable. */
export class BadAnswer extends DiscoveryError {
  override readonly code = "BAD_ANSWER";
}

/** An empty answer that says nothing: the token may not see the service. */
export class HiddenByAcl extends DiscoveryError {
  override readonly code = "HIDDEN_BY_ACL";
}

/** Consul answers, and knows no instance of that service which the filter means. */
export class NoInstances extends DiscoveryError {
  override readonly code = "NO_INSTANCES";
}

/** There are instances, and the checks of each are critical. */
export class NoHealthyInstances extends DiscoveryError {
  override readonly code = "NO_HEALTHY_INSTANCES";
}

/** Consul is away, and what is known is older than the maximum age. */
export class TooOld extends DiscoveryError {
  override readonly code = "TOO_OLD";
}

/** The service is in the catalog: who registers it besides would have it stand twice. */
export class DeclaredInCatalog extends DiscoveryError {
  override readonly code = "DECLARED_IN_CATALOG";
}

/** The discovery was closed. */
export class Closed extends DiscoveryError {
  override readonly code = "CLOSED";

  constructor() {
    super("This discovery is closed", "Make a new one with createDiscovery.");
  }
}
