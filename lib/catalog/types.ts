import type { Check } from "./checks.js";
import type { Monitored } from "./monitored.js";

/** Everything that the catalog folder declares, checked and with every default filled in. */
export interface Catalog {
  /** The teams, one a file, in the order of the file names. */
  readonly teams: readonly Team[];
  /** The services of all teams, team by team, each in the order of its file. */
  readonly services: readonly Service[];
  /** The services whose instances register themselves. */
  readonly dynamic: readonly DynamicService[];
}

/** A service that the catalog only names: its instances register themselves. */
export interface DynamicService extends Monitored {
  readonly team: string;
  readonly name: string;
  /** As `Service.failover`. */
  readonly failover?: readonly string[];
}

/** The services of one file. */
export interface Team {
  readonly name: string;
  /** The file that declares it, as an error message would name it. */
  readonly file: string;
  readonly services: readonly Service[];
}

/** A check, and the name that tells it from the others of its service. */
export interface NamedCheck {
  /** Its kind for the service's own check; the name under `checks` for a further one. */
  readonly name: string;
  readonly check: Check;
}

/** One service as it is to be registered in Consul; where it has several instances, one of them. */
export interface Service extends Monitored {
  /** The team that owns it: lower case, digits and `-`. */
  readonly team: string;
  /** Its name in Consul; that of a single instance is its id as well. */
  readonly name: string;
  /** Its id in Consul; unique in the whole catalog. */
  readonly id: string;
  /** Host name or IP address (IPv6 without brackets), with `{name}` and `{id}` already replaced. */
  readonly address: string;
  /** 1 to 65535. */
  readonly port: number;
  /** The team's tags, then the service's own. */
  readonly tags: readonly string[];
  /** The team's pairs with the service's own over them; with `region`; without `team`, which the definition adds. */
  readonly meta: Readonly<Record<string, string>>;
  /** Its share of the requests while it passes and while it warns; undefined for Consul's own, 1 each. */
  readonly weights?: { readonly passing: number; readonly warning: number };
  /** What decides whether it is healthy, its own first; one of the kind `none` where nothing does. */
  readonly checks: readonly NamedCheck[];
  /** How long it may stay critical before Consul drops it, such as `90s`; at least one minute. */
  readonly deregisterCriticalServiceAfter: string | "never";
  /** Datacenters that its prepared query tries where no instance here passes; undefined for none. */
  readonly failover?: readonly string[];
}
