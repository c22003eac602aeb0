import { hostPort } from "../../catalog/host-port.js";
import type { Service } from "../../catalog/types.js";
import type { TargetGroup } from "./probes.js";

/** The services that answer with metrics of their own, one target an instance. Pure. */
export function applicationTargets(services: readonly Service[]): readonly TargetGroup[] {
  return services.flatMap((service): readonly TargetGroup[] => {
    const { metrics, name, team, id } = service;
    if (metrics === undefined) return [];
    const labels = { __metrics_path__: metrics.path, service: name, team, id };
    return [{ targets: [hostPort(service)], labels }];
  });
}

/** Targets as a file that Prometheus reads anew when it changes. */
export function renderTargets(groups: readonly TargetGroup[]): string {
  return `${JSON.stringify(groups, null, 2)}\n`;
}
