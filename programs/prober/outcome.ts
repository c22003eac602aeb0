/**
 * What a check came to, as Consul's HTTP check reads it: 200 passing, 429 warning, 503 critical. Consul shows the words to
 * everybody, so they are our own: of what was asked they have no more than a status or a code.
 */
export interface Outcome {
  readonly status: 200 | 404 | 429 | 503;
  readonly says: string;
}

/** Consul gives up after the check's own timeout, which it does not tell: nothing is waited for longer than this. */
export const LONGEST_MS = 30_000;

export function passing(says: string): Outcome {
  return { status: 200, says };
}

export function warning(says: string): Outcome {
  return { status: 429, says };
}

export function critical(says: string): Outcome {
  return { status: 503, says };
}

/** Why something failed, in one line; of a host with several addresses, why each did. */
export function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join("; ");
  return error instanceof Error ? error.message : String(error);
}
