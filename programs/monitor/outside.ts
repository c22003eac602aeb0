import type { HostResources } from "../../lib/host-resources.js";

/** What the monitor sees of the platform besides Consul's catalog. What it could not learn is left out. */
export interface Outside {
  readonly leaders: readonly { readonly server: string; readonly leads: boolean }[];
  /** `notAfter` in Unix time, in seconds. */
  readonly certificates: readonly { readonly part: string; readonly notAfter: number }[];
  /** `seconds` of its last answer; undefined where it gave none. Undefined as a whole before the first question. */
  readonly gateway: { readonly seconds: number | undefined } | undefined;
  readonly host: HostResources | undefined;
  readonly backup: { readonly lastSuccess: number; readonly interval: number } | undefined;
}

/** Before anything is known. */
export const NOTHING_OUTSIDE: Outside = {
  leaders: [],
  certificates: [],
  gateway: undefined,
  host: undefined,
  backup: undefined,
};
