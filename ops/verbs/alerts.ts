import { watchdog } from "../../lib/monitoring/alerts/watchdog.js";
import { printable } from "../../lib/printable.js";
import { readSettings } from "../../lib/settings.js";
import { type Alert, Alertmanager } from "../alertmanager/alertmanager.js";
import { requireMonitoring } from "../alertmanager/require-monitoring.js";
import { counted } from "../cli/counted.js";
import { requireDocker } from "../docker/require-docker.js";
import { printJson } from "../report/json/print-json.js";
import { minuteOf } from "../report/minute.js";

/** How `rollcall alerts` works. */
export interface AlertsOptions {
  /** Whether JSON is printed: `AlertJson`, a list. @default false */
  readonly json?: boolean | undefined;
}

/** An alert as `--json` prints it; docs/reference/json.md describes it. */
export interface AlertJson {
  readonly alert: string;
  readonly severity: string;
  /** `null` where it is of no team, or of no service. */
  readonly team: string | null;
  readonly service: string | null;
  readonly summary: string;
  /** ISO 8601. */
  readonly since: string;
  /** Whether nobody is told: by a silence, or because another alert explains it. */
  readonly silenced: boolean;
  readonly runbook: string | null;
}

/** `npx rollcall alerts`: what fires now, and since when. @returns 1 where somebody is told of something */
export async function alerts({ json: isJson = false }: AlertsOptions): Promise<number> {
  const settings = readSettings();
  requireMonitoring(settings);
  await requireDocker();
  const found = alertsJson(await new Alertmanager(settings.prefix).alerts());
  if (isJson) printJson(found);
  else for (const line of alertLines(found)) console.log(line);
  return found.some(({ silenced }) => !silenced) ? 1 : 0;
}

/** Pages first, and of each severity what has fired longest. Pure. */
export function alertsJson(found: readonly Alert[]): readonly AlertJson[] {
  return (
    found
      // It says that alerts arrive; nobody is to do anything.
      .filter(({ labels }) => labels.alertname !== watchdog.alert)
      .map(({ labels, annotations, startsAt, status }) => ({
        alert: labels.alertname ?? "",
        severity: labels.severity ?? "",
        team: labels.team ?? null,
        service: labels.service ?? null,
        summary: annotations.summary ?? "",
        since: startsAt,
        silenced: status.silencedBy.length > 0 || status.inhibitedBy.length > 0,
        runbook: annotations.runbook_url ?? null,
      }))
      .sort(
        (a, b) =>
          Number(a.silenced) - Number(b.silenced) ||
          a.severity.localeCompare(b.severity) ||
          a.since.localeCompare(b.since),
      )
  );
}

/** The same for a person. Pure. */
export function alertLines(found: readonly AlertJson[]): readonly string[] {
  if (found.length === 0) return ["No alert fires."];
  const told = found.filter(({ silenced }) => !silenced).length;
  const lines = found.map(({ alert, severity, summary, since, silenced, runbook }) => {
    const word = (silenced ? "silenced" : severity).padEnd(8);
    const where = runbook === null ? "" : `\n          ${printable(runbook)}`;
    return `${word}  ${printable(summary)} (${printable(alert)}, since ${minuteOf(since)})${where}`;
  });
  return [
    ...lines,
    `${counted(found.length, "alert")} ${found.length === 1 ? "fires" : "fire"}, ${told} not silenced.`,
  ];
}
