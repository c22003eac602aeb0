/** Something that Consul has otherwise than the catalog. */
export interface FaultJson {
  /** The service's name, with its id behind a slash where it is one of several instances; or the KV key. */
  readonly service: string;
  readonly what: string;
  /** The command that repairs it, for a shell in the clone. */
  readonly command: string;
}

/** What `catalog audit --json` prints. */
export interface AuditJson {
  /** True where the exit code is 0: Consul has what is declared and nothing else. */
  readonly healthy: boolean;
  /** How many instances the catalog declares. */
  readonly declared: number;
  /** Declared services first. */
  readonly faults: readonly FaultJson[];
}

/**
 * The faults that `catalog audit` found, for programs. Pure.
 * @param declared how many instances the catalog declares
 */
export function auditJson(
  faults: readonly { readonly service: string; readonly what: string; readonly mend: string }[],
  declared: number,
): AuditJson {
  return {
    healthy: faults.length === 0,
    declared,
    faults: faults.map(({ service, what, mend }) => ({ service, what, command: mend })),
  };
}
