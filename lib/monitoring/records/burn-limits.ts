import { FASTEST_BURN, LEAST_ATTEMPTS, looksEvery } from "../../catalog/slo.js";
import type { Service } from "../../catalog/types.js";

/** A window in which a budget is watched. */
interface BurnWindow {
  readonly window: "1h" | "6h" | "1d" | "3d";
  readonly seconds: number;
  /** How many times faster than evenly over 30 days the budget may be used in it. */
  readonly factor: number;
}

/** A budget for 30 days: 2 % of it within an hour, 5 % within six, 10 % within a day, 10 % within three. */
const BURN_WINDOWS: readonly BurnWindow[] = [
  { window: "1h", seconds: 3600, factor: FASTEST_BURN },
  { window: "6h", seconds: 6 * 3600, factor: 6 },
  { window: "1d", seconds: 86_400, factor: 3 },
  { window: "3d", seconds: 3 * 86_400, factor: 1 },
];

/** Which part of each window a service may miss; without the windows that are too short for its checks. */
export function burnLimits(service: Service): readonly { readonly window: string; readonly limit: number }[] {
  const { slo } = service;
  if (slo === undefined) return [];
  const every = looksEvery(service) ?? 0;
  return BURN_WINDOWS.map(({ window, seconds: length, factor }) => ({
    window,
    length,
    limit: factor * (1 - slo / 100),
  })).filter(({ length, limit }) => length * limit >= LEAST_ATTEMPTS * every);
}
