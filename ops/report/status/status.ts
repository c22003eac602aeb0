import type { CertificateStatus } from "../../consul/certificates.js";
import type { ContainerState } from "../../docker/containers.js";
import type { LastBackup } from "../../platform/backup/last-backup.js";
import type { Refusal } from "../../platform/live.js";
import type { MonitorView } from "../../platform/monitor-view.js";
import type { Part } from "../../platform/parts.js";
import type { Unknown } from "../../platform/result.js";
import type { Finding, TeamStanding } from "../compare.js";
import type { Problem } from "../problem.js";

/** A part and how its container stands. */
export interface PartStatus extends Part {
  readonly state: ContainerState;
}

/** A server as its cluster knows it; what it does not tell is left out. */
export interface ServerStatus {
  /** `server-1`. */
  readonly name: string;
  /** Its state in gossip: `alive`, `failed`, `left`; "unknown" if no server could be asked. */
  readonly member: string;
  /** Its role in raft: `leader`, `voter`, `non-voter`; "unknown" if no server could be asked. */
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
export interface CatalogStatus {
  readonly teams: readonly TeamStanding[];
  /** Those that do not stand as declared. */
  readonly wrong: readonly Finding[];
}

/** All that `npx rollcall status` knows at a moment. */
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
  /** What the monitor says; undefined where there is none (`ROLLCALL_MONITOR=off`). */
  readonly monitor: MonitorView | Unknown | undefined;
  /** Whether Alertmanager is to tell anybody anything (`ROLLCALL_MONITORING`). */
  readonly isAlerting: boolean;
  readonly certificates: readonly CertificateStatus[];
  /** Each of Terraform's states that is damaged or lost; of `ROLLCALL_BACKEND=pg` only `npx rollcall doctor` tells. */
  readonly states: readonly Problem[];
  /** The newest one, of those in the backup folder and those that the platform made by itself; undefined where there is none. */
  readonly backup: LastBackup | undefined;
}
