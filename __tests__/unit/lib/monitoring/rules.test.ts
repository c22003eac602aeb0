import { readFileSync } from "node:fs";
import { join } from "node:path";
import { allParts, metricsIn, parsePromql } from "../../../../dev/rules/promql-tree.js";
import { SUBJECT } from "../../../../dev/rules/subject.js";
import { readCatalog } from "../../../../lib/catalog/read-catalog.js";
import type { Service } from "../../../../lib/catalog/types.js";
import { ALERT_CASES, testFiles } from "../../../../lib/monitoring/cases/all.js";
import { DASHBOARDS } from "../../../../lib/monitoring/dashboards/all-dashboards.js";
import { FOREIGN_METRICS } from "../../../../lib/monitoring/foreign-metrics.js";
import { METRICS } from "../../../../lib/monitoring/metrics.js";
import { CONSTANTS, type PlatformFacts } from "../../../../lib/monitoring/records/constants.js";
import { headingOf, renderRules } from "../../../../lib/monitoring/render-rules.js";
import { COMMON_RULES, ruleFiles } from "../../../../lib/monitoring/rules.js";
import { RUNBOOKS } from "../../../../lib/monitoring/runbooks.js";

const ROOT = join(import.meta.dirname, "..", "..", "..", "..");
const FACTS: PlatformFacts = { servers: 3, hostLimits: { cpu: 0.9, memory: 0.8, disk: 0.7 } };
const alerts = COMMON_RULES.flatMap(({ groups }) => groups.flatMap((group) => group.alerts));
const files = SUBJECT.files.flatMap(({ groups }) => groups);
const exprs = files.flatMap(({ records, alerts: own }) => [...records, ...own].map(({ expr }) => expr));
const panels = DASHBOARDS.flatMap(({ rows }) => rows.flatMap((row) => row.panels));
const foreign = Object.values(FOREIGN_METRICS).flat();

function service(other: Partial<Service> = {}): Service {
  return {
    team: "payments",
    name: "billing",
    id: "billing-1",
    address: "billing",
    port: 80,
    tags: [],
    meta: {},
    checks: [{ name: "tcp", check: { kind: "tcp", interval: "10s", timeout: "5s" } }],
    deregisterCriticalServiceAfter: "never",
    ...other,
  };
}

/** The constants of some services, as `record{labels} value`, without those of the platform. */
function constantsOf(services: readonly Service[], facts = FACTS): readonly string[] {
  const { groups = [] } = ruleFiles(services, facts)[0] ?? {};
  return groups
    .flatMap(({ records }) => records)
    .filter(({ labels }) => labels !== undefined)
    .map(({ record, labels = {}, expr }) => {
      const { service: _, team: __, ...others } = labels;
      return `${record}${JSON.stringify(others)} ${expr}`;
    });
}

test("every metric that a rule or a panel names is one of ours, a record, or one that we know others to export", () => {
  const known = new Set<string>([...Object.values(METRICS).map(({ name }) => name), ...SUBJECT.names, ...foreign]);
  const asked = panels.flatMap(({ queries }) => queries.map(({ expr }) => expr));
  const named = new Set([...exprs, ...asked].flatMap(metricsIn));
  expect([...named].filter((name) => !known.has(name))).toEqual([]);
  expect(foreign.filter((name) => !named.has(name))).toEqual([]);
  expect(metricsIn('sum(rate(a_total{b="c"}[5m])) / d:e:f offset 7d')).toEqual(["a_total", "d:e:f"]);
  expect(() => metricsIn("sum(")).toThrow("No PromQL");
});

test("every record that a rule reads is made by a rule, or says what the catalog or a service says", () => {
  const made = new Set(files.flatMap(({ records }) => records.map(({ record }) => record)));
  const constants: readonly string[] = Object.values(CONSTANTS);
  const read = exprs.flatMap(metricsIn).filter((name) => name.includes(":"));
  expect(read.filter((name) => !made.has(name) && !constants.includes(name))).toEqual([]);
});

test("the labels by which a rule selects one of our metrics are that metric's", () => {
  const wrong = exprs.flatMap((expr) =>
    allParts(parsePromql(expr))
      .filter(({ kind }) => kind === "VectorSelector")
      .flatMap(({ parts }) => {
        const metric = Object.values(METRICS).find(({ name }) => name === parts[0]?.text);
        const labels: readonly string[] = metric?.labels ?? [];
        const used = parts.flatMap(allParts).filter(({ kind }) => kind === "LabelName");
        return metric === undefined ? [] : used.filter(({ text }) => !labels.includes(text));
      }),
  );
  expect(wrong).toEqual([]);
});

test("every alert has a heading in the runbooks, and every heading its alert", () => {
  const text = readFileSync(join(ROOT, RUNBOOKS), "utf8");
  const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => heading);
  expect([...headings].sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = ""]) => anchor);
  expect(links.filter((anchor) => !alerts.some((alert) => headingOf(alert) === anchor))).toEqual([]);
});

test("every heading says what to look at, what to do and how to know that it is over", () => {
  const sections = readFileSync(join(ROOT, RUNBOOKS), "utf8").split(/^## /m).slice(1);
  const lacking = (word: RegExp) => sections.filter((text) => !word.test(text)).map((text) => text.split("\n")[0]);
  expect(lacking(/\*\*Look at\*\*/)).toEqual([]);
  expect(lacking(/\*\*Do[*,]/)).toEqual([]);
  expect(lacking(/\*\*It is over/)).toEqual([]);
});

test("every alert has its cases, and a file of tests", () => {
  expect(ALERT_CASES.map(({ alert }) => alert.alert).sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  const names = Object.keys(testFiles("../rules", RUNBOOKS));
  expect(alerts.filter(({ alert }) => !names.includes(`${alert}.test.yml`))).toEqual([]);
});

test("names of alerts, groups and files stand once", () => {
  const groups = files.map(({ name }) => name);
  const names = [...alerts.map(({ alert }) => alert), ...groups, ...COMMON_RULES.map(({ name }) => name)];
  expect(new Set(names).size).toBe(names.length);
});

test("an alert names its service by its labels, so each of a service keeps them", () => {
  const lost = alerts.filter(({ summary }) => summary.includes("$labels.service")).map(({ scope }) => scope);
  expect(new Set(lost)).toEqual(new Set(["service"]));
});

describe("the constants of a catalog", () => {
  test("say of a service that says nothing that a ticket is enough", () => {
    expect(constantsOf([service()])).toEqual(['rollcall:service_alert:info{"severity":"ticket"} vector(1)']);
  });

  test("say all that a service says, once for all its instances", () => {
    const full = service({
      alert: "page",
      slo: 99.9,
      latency: "300ms",
      owner: "Ada",
      runbook: "https://wiki.example/billing",
    });
    expect(constantsOf([full, { ...full, id: "billing-2" }])).toEqual([
      'rollcall:service_alert:info{"severity":"page"} vector(1)',
      'rollcall:service_owner:info{"owner":"Ada"} vector(1)',
      'rollcall:service_runbook:info{"url":"https://wiki.example/billing"} vector(1)',
      "rollcall:service_slo:ratio{} vector(0.999)",
      'rollcall:service_burn_limit:ratio{"window":"1h"} vector(0.0144)',
      'rollcall:service_burn_limit:ratio{"window":"6h"} vector(0.006)',
      'rollcall:service_burn_limit:ratio{"window":"1d"} vector(0.003)',
      'rollcall:service_burn_limit:ratio{"window":"3d"} vector(0.001)',
      "rollcall:service_latency_limit:seconds{} vector(0.3)",
    ]);
  });

  test("leave a service out that nobody is told about", () => {
    expect(constantsOf([service({ alert: "none" })])).toEqual([]);
  });

  test.each([
    ["10s", 99.95, ["6h", "1d", "3d"]],
    ["10s", 99.9, ["1h", "6h", "1d", "3d"]],
    ["1m", 99.9, ["1d", "3d"]],
    ["5m", 99.999, []],
  ])(
    "with a check each %s and %d percent have the windows into which three checks fit: %j",
    (interval, slo, windows) => {
      const checks: Service["checks"] = [{ name: "tcp", check: { kind: "tcp", interval, timeout: "1s" } }];
      const found = constantsOf([service({ slo, checks })]).filter((line) => line.includes("burn_limit"));
      expect(found.map((line) => /"window":"(\w+)"/.exec(line)?.[1])).toEqual(windows);
    },
  );

  test.each([
    ["300ms", 0.3],
    ["1s", 1],
    ["2s", 2],
  ])("write a limit of %s as %d seconds", (latency, seconds) => {
    const found = constantsOf([service({ latency })]);
    expect(found).toContain(`rollcall:service_latency_limit:seconds{} vector(${seconds})`);
  });

  test("have the platform's own, and how often a backup is made only where one is", () => {
    const own = (facts: PlatformFacts) =>
      Object.fromEntries((ruleFiles([], facts)[0]?.groups[0]?.records ?? []).map(({ record, expr }) => [record, expr]));
    const always = {
      [CONSTANTS.servers]: "vector(3)",
      [CONSTANTS.cpuLimit]: "vector(0.9)",
      [CONSTANTS.memoryLimit]: "vector(0.8)",
      [CONSTANTS.diskLimit]: "vector(0.7)",
    };
    expect(own(FACTS)).toEqual(always);
    expect(own({ ...FACTS, backupEverySeconds: 3600 })).toEqual({ ...always, [CONSTANTS.backupEvery]: "vector(3600)" });
  });
});

describe("the files of a platform", () => {
  const { services } = readCatalog(join(ROOT, "service-catalog"));
  const texts = (of: readonly Service[]) =>
    ruleFiles(of, FACTS).map((file) => renderRules(file, { runbooks: RUNBOOKS }));

  test("are the same whatever the order of the catalog's files", () => {
    expect(texts([...services].reverse())).toEqual(texts(services));
  });

  test("differ between platforms in their constants alone", () => {
    const [mine, ...common] = texts(services);
    const [other, ...same] = texts([service()]);
    expect(other).not.toEqual(mine);
    expect(same).toEqual(common);
  });

  test("name the requests of a service by its own names where it gives any", () => {
    const of = (metrics: Service["metrics"]) => {
      const found = ruleFiles([service({ ...(metrics === undefined ? {} : { metrics }) })], FACTS);
      return (
        found.find(({ name }) => name.startsWith("applications"))?.groups[0]?.records.map(({ expr }) => expr) ?? []
      );
    };
    expect(of(undefined)).toEqual([]);
    expect(of({ path: "/m", duration: "http_seconds", status: "status" })[0]).toContain("http_seconds_count{");
    const own = of({ path: "/m", duration: "took_seconds", status: "code" });
    expect(own.every((expr) => expr.includes("took_seconds_"))).toBe(true);
    expect(own[1]).toContain('code=~"5.."');
  });

  test("lead to the runbooks where somebody reads them", () => {
    const file = COMMON_RULES.find(({ name }) => name === "cluster.rules.yml");
    if (file === undefined) throw new Error("no file of the cluster");
    expect(renderRules(file, { runbooks: "https://wiki.example/rollcall" })).toContain(
      "runbook_url: https://wiki.example/rollcall#noleader",
    );
  });
});
