/** An alert that Alertmanager told somebody about, as the history has it. */
export interface AlertEvent {
  readonly time: string;
  readonly event: "alert-firing" | "alert-resolved";
  /** Whom Alertmanager told, such as `payments-page`. */
  readonly receiver: string;
  readonly alert: string;
  readonly severity: string;
  /** "" where it is of no team, or of no service. */
  readonly team: string;
  readonly service: string;
  /** When it began. */
  readonly since: string;
  readonly summary: string;
}
