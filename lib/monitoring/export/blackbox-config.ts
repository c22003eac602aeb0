import { Document } from "yaml";
import type { Probe } from "./probes.js";

/** The blackbox exporter's configuration: one module for each question that checks ask, in the order of their names. Pure. */
export function renderBlackboxConfig(probes: readonly Probe[]): string {
  const modules = new Map(probes.map(({ module, settings }) => [module, settings]));
  const inOrder = [...modules].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Document({ modules: Object.fromEntries(inOrder) }).toString({ lineWidth: 0 });
}
