const EXTRAPOLATED =
  "Prometheus extrapolates what it scraped to five minutes: one failure is 1.05 of them, so no figure is between 0 and 1.";

/**
 * Mutants that no test notices, each with the reason why none can. One that is noticed, or that there is no longer, is
 * to be removed.
 */
export const EXCUSED: Readonly<Record<string, string>> = {
  "GatewayDown: without unless absent(rollcall_consul_reachable == 1) (2)":
    "A monitor that sees no server explains the gateway by itself, in the clause before.",
  "Watchdog: 1 is 0": "It is told for being there, whatever its value.",
  "Watchdog: 1 is 2": "It is told for being there, whatever its value.",
  "Watchdog: keep_firing_for 30d": "It never ends, so nothing is told for longer.",
  "ProbeFailures: > is >=":
    "As computers count, 1 - 0.9 is a little less than 0.1: no share of probes meets the limit exactly.",
  "NotifyFailures: 0 is 1": EXTRAPOLATED,
  "RuleFailures: 0 is 1": EXTRAPOLATED,
};
