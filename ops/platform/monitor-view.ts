import { METRICS } from "../../lib/monitoring/metrics.js";
import type { Settings } from "../../lib/settings.js";
import { askProgram } from "./live.js";

/** What the monitor says of services and of alerts, for a person. */
export interface MonitorView {
  /** How many services it knows. */
  readonly services: number;
  /** The services of which discovery hands out no instance, those that it has been true of longest first. */
  readonly notFound: readonly {
    readonly service: string;
    /** Unix time in seconds; undefined where the monitor did not see it begin. */
    readonly since: number | undefined;
  }[];
  /** When Alertmanager last said that it can tell somebody, Unix time in seconds; undefined where it never did. */
  readonly alertingHeard: number | undefined;
}

/** @throws UserError where the monitor does not run */
export async function readMonitor(settings: Settings): Promise<MonitorView> {
  return monitorViewOf(await askProgram(settings, "monitor", "/metrics"));
}

/** Pure. @param text the monitor's metrics, in Prometheus' words */
export function monitorViewOf(text: string): MonitorView {
  const up = samplesOf(text, METRICS.serviceUp.name);
  const begun = new Map(
    samplesOf(text, METRICS.serviceNotFoundSince.name).map(({ service, value }) => [service, value]),
  );
  const notFound = up
    .filter(({ value }) => value === 0)
    .map(({ service }) => ({ service, since: begun.get(service) }))
    .sort((a, b) => (a.since ?? 0) - (b.since ?? 0));
  const [heard] = samplesOf(text, METRICS.alertingLastHeard.name);
  return { services: up.length, notFound, alertingHeard: heard?.value };
}

function samplesOf(text: string, name: string): readonly { readonly service: string; readonly value: number }[] {
  return text.split("\n").flatMap((line) => {
    if (line.replace(/[{ ].*$/, "") !== name) return [];
    const [, service = ""] = /[{,]service="([^"]*)"/.exec(line) ?? [];
    return [{ service, value: Number(line.slice(line.lastIndexOf(" ") + 1)) }];
  });
}
