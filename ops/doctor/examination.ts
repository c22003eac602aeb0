import type { Catalog } from "../../lib/catalog/types";
import type { Settings } from "../../lib/settings";
import type { Found } from "../docker-host";
import type { Unknown } from "../known";
import type { PartStatus, Status } from "../status/status";
import type { Trouble } from "../trouble";

/** What every examination may look at. */
export interface Patient {
  readonly settings: Settings;
  readonly catalog: Catalog | Unknown;
  readonly status: Status;
  /** Every container on the Docker host, ours or not; empty where Docker does not answer. */
  readonly containers: readonly Found[];
}

/** What one examination found. */
export interface Examined {
  /** What was looked at and how it is, in a few words. */
  readonly summary: string;
  readonly troubles: readonly Trouble[];
  /** True where nothing could be looked at, so that nothing is known to be well. @default false */
  readonly isLeftOut?: boolean;
}

/** One thing that could be wrong: reads it, judges it, changes nothing. */
export interface Examination {
  readonly name: string;
  /** It is left out where Docker does not answer. */
  readonly needsDocker: boolean;
  readonly examine: (patient: Patient) => Promise<Examined>;
}

/** The containers of parts that run, by their names on the host. */
export function runningParts({ status }: Patient): readonly PartStatus[] {
  return status.parts.filter(({ state }) => state.state === "running");
}
