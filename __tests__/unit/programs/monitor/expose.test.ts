import { METRICS } from "../../../../lib/monitoring/metrics.js";
import { baselineOf } from "../../../../programs/monitor/changes.js";
import { exposition, type Known } from "../../../../programs/monitor/expose.js";
import { NOTHING_OUTSIDE } from "../../../../programs/monitor/outside.js";
import { check, NODE, seenWith, serf, view, WELL } from "../../../support/monitor-fixtures.js";

const well = view(WELL);
const KNOWN: Known = {
  ...{ isReachable: true, isBlind: false, view: well, baseline: baselineOf(new Map(), well, 1000), changes: new Map() },
  ...{ dataAgeSeconds: 1.5, lastContactSeconds: 0.02, catalogChanged: 1700, outside: NOTHING_OUTSIDE, lastSeq: 4 },
  ...{ node: NODE, services: {}, residentBytes: 1, alertingHeard: undefined, notFound: new Map() },
};
const FULL: Known = {
  ...KNOWN,
  alertingHeard: 1750000060,
  notFound: new Map([["billing", 1750000000]]),
  outside: {
    leaders: [{ server: "consul-server-1", leads: true }],
    certificates: [{ part: "ca", notAfter: 1800000000 }],
    gateway: { seconds: 0.01 },
    host: { cpu: 0.1, memory: 0.2, disk: 0.3, diskFreeBytes: 4 },
    backup: { lastSuccess: 1750000000, interval: 3600 },
  },
};
const BILLING = 'service="billing",team="user-platform"';

function linesOf(known: Known, name: string): readonly string[] {
  return exposition(known)
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

/** Samples as [name, labels] of a text in Prometheus' format. */
function samplesIn(text: string) {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [, name = "", labels = "", value = ""] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      return { name, labels: [...labels.matchAll(/([a-z_]+)="/g)].map(([, label]) => label), value: Number(value) };
    });
}

test("everything that metrics.ts says of the monitor is exported, with its labels, once explained", () => {
  const changed = new Map([...KNOWN.baseline].map(([id, known]) => [id, { ...known, changed: 5000 }]));
  const text = exposition({ ...FULL, baseline: changed });
  const samples = samplesIn(text);
  const declared = Object.values(METRICS).filter(({ exporters }) => exporters.some((each) => each === "monitor"));
  expect(new Set(samples.map(({ name }) => name))).toEqual(new Set(declared.map(({ name }) => name)));
  for (const { name, labels } of samples)
    expect([name, labels]).toEqual([name, Object.values(METRICS).find((each) => each.name === name)?.labels]);
  expect(samples.every(({ value }) => Number.isFinite(value))).toBe(true);
  for (const { name, type, help } of declared)
    expect(text.split(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`)).toHaveLength(2);
});

test("a service that is well is up, with each state", () => {
  expect(linesOf(KNOWN, "rollcall_service_up")).toContain(`rollcall_service_up{${BILLING}} 1`);
  expect(linesOf(KNOWN, "rollcall_service_instances").filter((line) => line.includes(BILLING))).toEqual([
    `rollcall_service_instances{${BILLING},state="passing"} 1`,
    ...["warning", "critical", "missing", "maintenance", "unknown"].map(
      (state) => `rollcall_service_instances{${BILLING},state="${state}"} 0`,
    ),
  ]);
  expect(linesOf(KNOWN, "rollcall_check_state")).toContain(
    `rollcall_check_state{${BILLING},id="billing",check="billing:http"} 2`,
  );
  expect(linesOf(KNOWN, "rollcall_service_changes_total")).toContain(`rollcall_service_changes_total{${BILLING}} 0`);
  expect(linesOf(KNOWN, "rollcall_service_last_change_timestamp_seconds")).toEqual([]);
  expect(linesOf(KNOWN, "rollcall_service_info")).toContain(
    `rollcall_service_info{${BILLING},address="isa-billing:8216",kind="http",severity="ticket",slo="",latency="",owner="",runbook=""} 1`,
  );
});

test("whoever is blind says of no service that it is down or up", () => {
  const blind = { ...KNOWN, isBlind: true, isReachable: false };
  for (const name of ["service_up", "check_state", "agent_up", "catalog_registered", "catalog_in_sync", "service_info"])
    expect(linesOf(blind, `rollcall_${name}`)).toEqual([]);
  const unknown = linesOf(blind, "rollcall_service_instances").filter((line) => line.endsWith(" 1"));
  expect(unknown).toEqual([
    'rollcall_service_instances{service="audit",team="user-platform",state="unknown"} 1',
    `rollcall_service_instances{${BILLING},state="unknown"} 1`,
  ]);
  expect(linesOf(blind, "rollcall_consul_reachable")).toEqual(["rollcall_consul_reachable 0"]);
  expect(linesOf(blind, "rollcall_data_age_seconds")).toEqual(["rollcall_data_age_seconds 1.5"]);
});

test("where the agent is gone, discovery hands out nothing, and no check's state is told", () => {
  const lost = {
    ...KNOWN,
    view: view(seenWith([serf("critical"), check("audit", "passing"), check("billing", "passing")])),
  };
  expect(linesOf(lost, "rollcall_service_up").every((line) => line.endsWith(" 0"))).toBe(true);
  expect(linesOf(lost, "rollcall_check_state")).toEqual([]);
  expect(linesOf(lost, "rollcall_agent_up")).toEqual([`rollcall_agent_up{node="${NODE}"} 0`]);
});

test("what could not be learnt is left out, and no number is invented", () => {
  const text = exposition(KNOWN);
  for (const name of ["certificate", "gateway", "host", "backup", "consul_leader"])
    expect(text).not.toContain(`rollcall_${name}`);
  expect(
    linesOf({ ...FULL, outside: { ...FULL.outside, gateway: { seconds: undefined } } }, "rollcall_gateway_up"),
  ).toEqual(["rollcall_gateway_up 0"]);
});

test("labels of the catalog stand in the info, and what a label holds is escaped", () => {
  const services = { billing: { owner: 'a "b"\\c\nd' } };
  const [, billing = ""] = linesOf({ ...KNOWN, services }, "rollcall_service_info");
  expect(billing).toContain('severity="ticket",slo="",latency=""');
  expect(billing).toContain('owner="a \\"b\\"\\\\c\\nd"');
});
