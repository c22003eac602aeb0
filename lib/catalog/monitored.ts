/*
 * What a service says for those who watch it. A leaf: programs that run in containers read it too, without the catalog's schema.
 */

/** How a team is told where its catalog does not say: nobody is woken who did not ask for it. */
export const ALERT_IF_LEFT_OUT = "ticket";

/** Where a service answers with its own metrics; OpenTelemetry's names where it does not say others. */
export interface OwnMetrics {
  readonly path: string;
  /** The histogram of how long requests take, in seconds. */
  readonly duration: string;
  /** Its label with the HTTP status. */
  readonly status: string;
}

/** What a service says for those who watch it; each left out where neither it nor its team says anything. */
export interface Monitored {
  readonly alert?: "page" | "ticket" | "none";
  /** Percent of the time. */
  readonly slo?: number;
  /** In `ms` or `s`. */
  readonly latency?: string;
  readonly owner?: string;
  /** A URL. */
  readonly runbook?: string;
  readonly metrics?: OwnMetrics;
}

type PerhapsUndefined<T> = { readonly [Key in keyof T]: T[Key] | undefined };

/** Only what is said for those who watch a service, of whatever else is known of it. */
export function monitoredOf({ alert, slo, latency, owner, runbook, metrics }: PerhapsUndefined<Monitored>): Monitored {
  return {
    ...(alert === undefined ? {} : { alert }),
    ...(slo === undefined ? {} : { slo }),
    ...(latency === undefined ? {} : { latency }),
    ...(owner === undefined ? {} : { owner }),
    ...(runbook === undefined ? {} : { runbook }),
    ...(metrics === undefined ? {} : { metrics }),
  };
}
