import type { Service } from "../catalog/types.js";
import { aclBlocked } from "./alerts/acl-blocked.js";
import { agentDown } from "./alerts/agent-down.js";
import { backupStale } from "./alerts/backup-stale.js";
import { certificateAlmostExpired } from "./alerts/certificate-almost-expired.js";
import { certificateExpiring } from "./alerts/certificate-expiring.js";
import { commitSlow } from "./alerts/commit-slow.js";
import { configNotTaken } from "./alerts/config-not-taken.js";
import { diskFullSoon } from "./alerts/disk-full-soon.js";
import { elections } from "./alerts/elections.js";
import { errorBudgetBurnFast } from "./alerts/error-budget-burn-fast.js";
import { errorBudgetBurnSlow } from "./alerts/error-budget-burn-slow.js";
import { faultToleranceLost } from "./alerts/fault-tolerance-lost.js";
import { gatewayDown } from "./alerts/gateway-down.js";
import { hostCpu } from "./alerts/host-cpu.js";
import { hostDisk } from "./alerts/host-disk.js";
import { hostMemory } from "./alerts/host-memory.js";
import { lastContactHigh } from "./alerts/last-contact-high.js";
import { manyServicesDown } from "./alerts/many-services-down.js";
import { noLeader } from "./alerts/no-leader.js";
import { notifyFailures } from "./alerts/notify-failures.js";
import { outOfSync } from "./alerts/out-of-sync.js";
import { platformBlind } from "./alerts/platform-blind.js";
import { probeFailures } from "./alerts/probe-failures.js";
import { ruleFailures } from "./alerts/rule-failures.js";
import { serverDown } from "./alerts/server-down.js";
import { serviceDegraded } from "./alerts/service-degraded.js";
import { serviceDown } from "./alerts/service-down.js";
import { serviceErrors } from "./alerts/service-errors.js";
import { serviceFlapping } from "./alerts/service-flapping.js";
import { serviceMissing } from "./alerts/service-missing.js";
import { serviceSlow } from "./alerts/service-slow.js";
import { serviceSlower } from "./alerts/service-slower.js";
import { targetsMissing } from "./alerts/targets-missing.js";
import { teamDown } from "./alerts/team-down.js";
import { twoLeaders } from "./alerts/two-leaders.js";
import { valueRefused } from "./alerts/value-refused.js";
import { watchdog } from "./alerts/watchdog.js";
import { availabilityRecords } from "./records/availability.js";
import { constants, type PlatformFacts } from "./records/constants.js";
import { latencyRecords } from "./records/latency.js";
import { redRatioRecords, redRecords } from "./records/red.js";
import { longSloRecords, sloRecords } from "./records/slo.js";
import type { RuleFile, RuleGroup } from "./rule.js";

/** The rules that are the same for every platform. */
export const COMMON_RULES: readonly RuleFile[] = [
  file("services", "Which services are down, ill, missing or flapping.", [
    group("services", "5s", availabilityRecords, [
      serviceDown,
      teamDown,
      manyServicesDown,
      serviceDegraded,
      serviceMissing,
      serviceFlapping,
    ]),
  ]),
  file("platform", "The agent, the monitor's view, the gateway, certificates, backups, the host.", [
    group("sight", "5s", [], [agentDown, platformBlind, watchdog]),
    group(
      "platform",
      "15s",
      [],
      [
        gatewayDown,
        outOfSync,
        valueRefused,
        aclBlocked,
        certificateExpiring,
        certificateAlmostExpired,
        backupStale,
        hostCpu,
        hostMemory,
        hostDisk,
        diskFullSoon,
      ],
    ),
    group("alerting", "15s", [], [configNotTaken, notifyFailures, ruleFailures]),
  ]),
  file("cluster", "The Consul servers.", [
    group(
      "cluster",
      "15s",
      [],
      [serverDown, targetsMissing, noLeader, twoLeaders, faultToleranceLost, elections, lastContactHigh, commitSlow],
    ),
  ]),
  file("probes", "What probes from outside say of the services.", [
    group("probes", "15s", latencyRecords, [serviceSlow, serviceSlower, probeFailures]),
  ]),
  file("requests", "What services say of their own requests.", [
    group("requests", "15s", redRatioRecords, [serviceErrors]),
  ]),
  file("slo", "Availability against what was promised.", [
    group("slo", "1m", sloRecords, []),
    // A value counts for five minutes: at that interval there would be none now and then.
    group("slo-long", "2m", longSloRecords, []),
    group("slo-alerts", "1m", [], [errorBudgetBurnFast, errorBudgetBurnSlow]),
  ]),
];

/** The names of all alerts. */
export const ALERT_NAMES: readonly string[] = COMMON_RULES.flatMap(({ groups }) =>
  groups.flatMap(({ alerts }) => alerts.map(({ alert }) => alert)),
);

/** All rules of one platform: what its catalog says stands in two files of constants, so they need nothing beside them. */
export function ruleFiles(services: readonly Service[], facts: PlatformFacts): readonly RuleFile[] {
  const measured = redRecords(services);
  return [
    file("constants", "What the catalog and the settings say.", [
      group("constants", "30s", constants(services, facts), []),
    ]),
    ...(measured.length === 0
      ? []
      : [
          file("applications", "The requests of the services that export metrics, by the names that each uses.", [
            group("applications", "15s", measured, []),
          ]),
        ]),
    ...COMMON_RULES,
  ];
}

function file(name: string, about: string, groups: readonly RuleGroup[]): RuleFile {
  return { name: `${name}.rules.yml`, about, groups };
}

function group(name: string, interval: string, records: RuleGroup["records"], alerts: RuleGroup["alerts"]): RuleGroup {
  return { name: `rollcall-${name}`, interval, records, alerts };
}
