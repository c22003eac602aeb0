import type { LastBackup } from "../backup/last-backup";
import type { CertificateStatus } from "../certificates";
import type { Finding } from "../compare";
import type { ContainerState } from "../containers";
import type { Unknown } from "../known";
import type { Refusal } from "../live";
import type { Part } from "../parts";
import type { Trouble } from "../trouble";

/** A part and how its container stands. */
export interface PartStatus extends Part {
  readonly state: ContainerState;
}

/** A server as its cluster knows it; what it does not tell is left out. */
export interface ServerStatus {
  /** `server-1`. */
  readonly name: string;
  /** Gossip's word: `alive`, `failed`, `left`; "unknown" where nobody could be asked. */
  readonly member: string;
  /** In raft: `leader`, `voter`, `non-voter`; "unknown" where nobody could be asked. */
  readonly role: string;
  /** The last entry of its raft log, where it answers. */
  readonly lastIndex?: number;
  /** Consul's version, where it answers. */
  readonly version?: string;
}

/** Autopilot's judgement, which it makes where there is a leader. */
export interface Autopilot {
  readonly healthy: boolean;
  /** How many servers may fail before writes stop. */
  readonly failureTolerance: number;
}

/** How the services of the catalog stand, a team at a time. */
export interface TeamStatus {
  readonly team: string;
  readonly passing: number;
  readonly declared: number;
}

export interface CatalogStatus {
  readonly teams: readonly TeamStatus[];
  /** Those that do not stand as declared. */
  readonly wrong: readonly Finding[];
}

/** All that `npm run status` knows at a moment. */
export interface Status {
  /** The platform's name, the label `rollcall.instance`. */
  readonly platform: string;
  readonly docker: "answers" | Unknown;
  /** Empty where Docker does not answer. */
  readonly parts: readonly PartStatus[];
  readonly servers: readonly ServerStatus[];
  /** The name of the server that leads. */
  readonly leader: string | Unknown;
  readonly autopilot: Autopilot | Unknown;
  /** What the registrar refused. */
  readonly refusals: readonly Refusal[] | Unknown;
  /** Its address, where it answers and finds a leader. */
  readonly gateway: string | Unknown;
  readonly catalog: CatalogStatus | Unknown;
  readonly certificates: readonly CertificateStatus[];
  /** Each of Terraform's states that is damaged or lost; of `ROLLCALL_BACKEND=pg` only `npm run doctor` tells. */
  readonly states: readonly Trouble[];
  /** The newest one, of those in the backup folder and those that the platform made by itself; undefined where there is none. */
  readonly backup: LastBackup | undefined;
}
