import type { Catalog } from "../../../lib/catalog/types.js";
import type { Settings } from "../../../lib/settings.js";
import type { DockerObject } from "../../docker/docker-host.js";
import type { Unknown } from "../../platform/result.js";
import type { Problem } from "../problem.js";
import type { PartStatus, Status } from "../status/status.js";

/** What every check of `doctor` gets. */
export interface DoctorContext {
  readonly settings: Settings;
  readonly catalog: Catalog | Unknown;
  readonly status: Status;
  /** Every container on the Docker host, ours or not; empty where Docker does not answer. */
  readonly containers: readonly DockerObject[];
}

/** The result of one check. */
export interface DoctorResult {
  /** What was checked and its state, in a few words. */
  readonly summary: string;
  readonly problems: readonly Problem[];
  /** True if the check could not run. @default false */
  readonly isLeftOut?: boolean;
}

/** One check of `doctor`: it reads and judges, and changes nothing. */
export interface DoctorCheck {
  readonly name: string;
  /** Whether it is skipped if Docker does not answer. */
  readonly needsDocker: boolean;
  readonly run: (context: DoctorContext) => Promise<DoctorResult>;
}

/** The containers of parts that run, by their names on the host. */
export function runningParts({ status }: DoctorContext): readonly PartStatus[] {
  return status.parts.filter(({ state }) => state.state === "running");
}
