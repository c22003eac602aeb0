import { backupStale } from "../alerts/backup-stale.js";
import { certificateAlmostExpired } from "../alerts/certificate-almost-expired.js";
import { certificateExpiring } from "../alerts/certificate-expiring.js";
import { diskFullSoon } from "../alerts/disk-full-soon.js";
import { hostCpu } from "../alerts/host-cpu.js";
import { hostDisk } from "../alerts/host-disk.js";
import { hostMemory } from "../alerts/host-memory.js";
import type { Alert } from "../rule.js";
import type { AlertCases, Series } from "./case.js";
import { AGENT, firing, gaugeCases, REACHABLE } from "./gauge-cases.js";

const TICKET = { scope: "platform", severity: "ticket" } as const;
const WELL: Series = { [AGENT]: 1, [REACHABLE]: 1 };

/** A part of the host at its limit and above. */
function host(alert: Alert, part: string, summary: string, description: string): AlertCases {
  const [used, limit] = [`rollcall_host_${part}_ratio`, `rollcall:host_${part}_limit:ratio`];
  return gaugeCases({
    alert,
    step: 60,
    calm: { ...WELL, [used]: 0.5, [limit]: 0.9 },
    trouble: { [used]: 0.95 },
    told: firing(alert, TICKET, summary, description),
    nearly: { [used]: 0.9 },
    gone: [limit],
    agentGone: "told",
  });
}

const cpu = host(
  hostCpu,
  "cpu",
  "The processors of the host are busy",
  "95% of the host's processors were busy for 15 minutes. Checks get late, and healthy services look ill.",
);
const memory = host(
  hostMemory,
  "memory",
  "The memory of the host is nearly used up",
  "95% of the host's memory is in use. When it is used up, the kernel ends programs, Consul's among them.",
);
const disk = host(
  hostDisk,
  "disk",
  "The disk of the host is nearly full",
  "95% of the disk with Docker's data is in use. On a full disk Consul takes no more writes.",
);

const DISK: Series = { ...WELL, rollcall_host_disk_ratio: 0.7, "rollcall:host_disk_limit:ratio": 0.9 };
const isFilling = firing(
  diskFullSoon,
  TICKET,
  "The disk of the host is full within a day",
  "If it goes on as in the last six hours, the disk with Docker's data is full within 24 hours. On a full disk Consul takes no more writes.",
);
const FREE = "rollcall_host_disk_free_bytes";
// Every 5 minutes: 288 of these are a day.
const FILLING = { ...DISK, [FREE]: "38000-100x100" };

const soon: AlertCases = {
  alert: diskFullSoon,
  step: 300,
  fires: {
    name: "is told half an hour after it is 24 hours away",
    series: FILLING,
    checks: [
      { at: 29_400, firing: [] },
      { at: 30_000, firing: [isFilling] },
    ],
  },
  silent: {
    name: "is not told of what takes longer, nor of a disk that filled up and no longer does",
    series: { ...DISK, [FREE]: "60000-400x70 32000x150" },
    checks: [
      { at: 64_800, firing: [] },
      { at: 300, firing: [] },
    ],
  },
  absent: { name: "is not told where nothing is known", series: DISK, checks: [{ at: 30_000, firing: [] }] },
  agentGone: {
    name: "is told without the agent, too",
    series: { ...FILLING, [AGENT]: 0 },
    checks: [{ at: 30_000, firing: [isFilling] }],
  },
  more: [
    {
      name: "is not told of a disk that is nearly full by now",
      series: { ...FILLING, rollcall_host_disk_ratio: 0.91 },
      checks: [{ at: 30_000, firing: [] }],
    },
    {
      name: "is told of one that is at its limit",
      series: { ...FILLING, rollcall_host_disk_ratio: 0.9 },
      checks: [{ at: 30_000, firing: [isFilling] }],
    },
    {
      name: "is told of what filled in a burst within six hours",
      series: { ...DISK, [FREE]: "60000-1000x36 24000x60" },
      checks: [{ at: 21_600, firing: [isFilling] }],
    },
    {
      name: "looks back for six hours: what went before does not count",
      series: { ...DISK, [FREE]: "60000-500x60 30000-1x80" },
      checks: [{ at: 41_400, firing: [] }],
    },
  ],
};

const END = 'rollcall_certificate_not_after_timestamp_seconds{part="gateway"}';
const OTHER = 'rollcall_certificate_not_after_timestamp_seconds{part="ca"}';
const DAY = 86_400;

/** The time at which an alert is looked at is 2 h: for 1 h, and one hour's evaluations before. */
function certificate(
  alert: Alert,
  severity: string,
  days: number,
  left: string,
  text: string,
  more: AlertCases["more"],
) {
  const told = firing(
    alert,
    { part: "gateway", scope: "platform", severity },
    `The certificate of gateway ends in ${left}`,
    text,
  );
  const series = { ...WELL, [OTHER]: 3650 * DAY, [END]: days * DAY + 3600 };
  const cases: AlertCases = {
    alert,
    step: 300,
    fires: {
      name: "is told an hour after the time, until it is renewed",
      series: { ...series, [END]: `${days * DAY + 3600}x26 ${3650 * DAY}x10` },
      checks: [
        { at: 3600 + 3600, firing: [] },
        { at: 3600 + 3900, firing: [told] },
        { at: 3600 + 4500, firing: [] },
      ],
    },
    silent: {
      name: "is not told before",
      series: { ...WELL, [OTHER]: 3650 * DAY, [END]: (days + 1) * DAY },
      checks: [{ at: 7500, firing: [] }],
    },
    absent: { name: "is not told where nothing is known", series: WELL, checks: [{ at: 7500, firing: [] }] },
    agentGone: {
      name: "is told without the agent, too",
      series: { ...series, [AGENT]: 0 },
      checks: [{ at: 7500, firing: [told] }],
    },
    more,
  };
  return cases;
}

function expiringIn(left: string) {
  return firing(
    certificateExpiring,
    { part: "gateway", ...TICKET },
    `The certificate of gateway ends in ${left}`,
    "`rollcall up` renews certificates in their last 30 days; it has not run since, or could not. After the end nothing reaches gateway any more.",
  );
}

const expiring = certificate(
  certificateExpiring,
  "ticket",
  14,
  "13d 22h 55m 0s",
  "`rollcall up` renews certificates in their last 30 days; it has not run since, or could not. After the end nothing reaches gateway any more.",
  [
    {
      name: "is no longer told in the last week, when another alert says so",
      series: { ...WELL, [END]: 7 * DAY + 7200 },
      checks: [
        { at: 7200, firing: [expiringIn("7d 0h 0m 0s")] },
        { at: 7500, firing: [] },
      ],
    },
  ],
);
const expired = certificate(
  certificateAlmostExpired,
  "page",
  7,
  "6d 22h 55m 0s",
  "Renew it now: after its end nothing reaches gateway any more, and the platform comes apart.",
  [],
);

const LAST = "rollcall_backup_last_success_timestamp_seconds";
const EVERY = "rollcall:backup_every:seconds";
const isStale = firing(
  backupStale,
  TICKET,
  "The scheduled backup is not made",
  "Two backups in a row were not made, or there has been none at all. Until there is one again, a lost platform loses all that changed since the last one.",
);

const backup: AlertCases = {
  alert: backupStale,
  step: 60,
  fires: {
    name: "is told after two turns, until there is one again",
    series: { ...WELL, [EVERY]: 1800, [LAST]: "60x70 4200x10" },
    checks: [
      { at: 3960, firing: [] },
      { at: 4020, firing: [isStale] },
      { at: 4260, firing: [] },
    ],
  },
  silent: {
    name: "is not told while one turn is late, nor where none is scheduled",
    series: { ...WELL, [EVERY]: 1800, [LAST]: 60 },
    checks: [{ at: 3600, firing: [] }],
  },
  absent: {
    name: "is told where nobody makes any, and not where none is scheduled",
    series: { ...WELL, [EVERY]: "_x20 1800x20" },
    checks: [
      { at: 1140, firing: [] },
      { at: 1440, firing: [] },
      { at: 1500, firing: [isStale] },
    ],
  },
  agentGone: {
    name: "is told without the agent, too",
    series: { ...WELL, [AGENT]: 0, [EVERY]: 1800, [LAST]: 60 },
    checks: [{ at: 4020, firing: [isStale] }],
  },
  more: [
    {
      name: "is told where the first one failed",
      series: { ...WELL, [EVERY]: 1800, [LAST]: 0 },
      checks: [
        { at: 240, firing: [] },
        { at: 300, firing: [isStale] },
      ],
    },
    {
      name: "is not told where the monitor is away: that is told",
      series: { [AGENT]: 1, [EVERY]: 1800 },
      checks: [{ at: 1200, firing: [] }],
    },
    {
      name: "forgives ten minutes without the program that makes them",
      series: { ...WELL, [EVERY]: 1800, [LAST]: `60x10 stale _x40` },
      checks: [
        { at: 1440, firing: [] },
        { at: 1500, firing: [isStale] },
      ],
    },
  ],
};

/** The host, certificates, backups. */
export const UPKEEP: readonly AlertCases[] = [cpu, memory, disk, soon, expiring, expired, backup];
