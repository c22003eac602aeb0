import { Document } from "yaml";
import { DEAD_MANS_SWITCH } from "../receivers.js";

/** What a team of a catalog gets alerts under. */
interface Route {
  readonly receiver: string;
  readonly matchers: readonly string[];
  readonly group_by?: readonly string[];
  readonly group_wait?: string;
  readonly group_interval?: string;
  readonly repeat_interval?: string;
}

/** Where Alertmanager finds the addresses of its receivers, a file each. */
export const RECEIVERS_FOLDER = "/etc/alertmanager/rollcall";

/** One of Alertmanager's receivers: a team's pages or tickets, or the dead man's switch. */
export interface Told {
  /** Such as `payments-page`, or DEAD_MANS_SWITCH. */
  readonly name: string;
  /** The team, or `platform`; undefined for the dead man's switch, as is the other one. */
  readonly owner?: string;
  readonly severity?: "page" | "ticket";
}

/** How a receiver is told: Alertmanager's `…_configs` of one. */
export type ReceiverOf = (told: Told) => Readonly<Record<string, readonly object[]>>;

/** A webhook whose address stands in a file: no secret may stand in an exported configuration. */
const ADDRESS_IN_A_FILE: ReceiverOf = ({ name }) => ({
  webhook_configs: [{ url_file: `${RECEIVERS_FOLDER}/${name}.url`, send_resolved: name !== DEAD_MANS_SWITCH }],
});

/**
 * Alertmanager's routes and receivers: a receiver for pages and one for tickets of each team, and of the platform. Pure.
 * @param teams the names of the catalog's teams
 */
export function renderAlertmanagerConfig(teams: readonly string[], receiverOf: ReceiverOf = ADDRESS_IN_A_FILE): string {
  const owners = ["platform", ...[...teams].filter((team) => team !== "platform").sort()];
  const told: readonly Told[] = owners.flatMap((owner) =>
    SEVERITIES.map((severity) => ({ name: receiver(owner, severity), owner, severity })),
  );
  return new Document({
    route: {
      receiver: receiver("platform", "ticket"),
      group_by: ["alertname", "team"],
      group_wait: "10s",
      group_interval: "1m",
      repeat_interval: "4h",
      routes: [WATCHDOG, ...owners.flatMap((owner) => SEVERITIES.map((severity) => route(owner, severity)))],
    },
    // The rules tell one cause once already; this is for the moment in which both are firing.
    inhibit_rules: [
      inhibition("AgentDown|PlatformBlind|ManyServicesDown", "service"),
      inhibition("PlatformBlind", "cluster"),
    ],
    receivers: [{ name: DEAD_MANS_SWITCH }, ...told].map((one) => ({ name: one.name, ...receiverOf(one) })),
  }).toString({ lineWidth: 0 });
}

const SEVERITIES = ["page", "ticket"] as const;

/** Whoever gets this and misses it for two minutes knows that nobody is told anything any more. */
const WATCHDOG: Route = {
  receiver: DEAD_MANS_SWITCH,
  matchers: ['alertname="Watchdog"'],
  group_wait: "0s",
  group_interval: "1m",
  repeat_interval: "50s",
};

function receiver(owner: string, severity: string): string {
  return `${owner}-${severity}`;
}

/** What explains alerts of another scope keeps them from being told. */
function inhibition(alerts: string, scope: "service" | "cluster"): object {
  return { source_matchers: [`alertname=~"${alerts}"`], target_matchers: [`scope="${scope}"`], equal: ["platform"] };
}

/** What belongs to no team is the platform's. */
function route(owner: string, severity: "page" | "ticket"): Route {
  const whose = owner === "platform" ? 'team=~"platform|"' : `team="${owner}"`;
  return {
    receiver: receiver(owner, severity),
    matchers: [whose, `severity="${severity}"`],
    ...(severity === "page" && owner === "platform" ? { group_by: ["alertname"], group_wait: "0s" } : {}),
  };
}
