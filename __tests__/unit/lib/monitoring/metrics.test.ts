import { type Exporter, METRICS, type Metric } from "../../../../lib/monitoring/metrics.js";
import { Scheduler } from "../../../../programs/backup/scheduler.js";
import { Report } from "../../../../programs/registrar/report.js";

const all: readonly Metric[] = Object.values(METRICS);

/** Names and types as an exposition says them. */
function typesIn(text: string): readonly string[] {
  return [...text.matchAll(/^# TYPE (\S+ \S+)$/gm)].map(([, type = ""]) => type).sort();
}

function declaredFor(exporter: Exporter): readonly string[] {
  return all
    .filter(({ exporters }) => exporters.includes(exporter))
    .map(({ name, type }) => `${name} ${type}`)
    .sort();
}

test("each name stands once, in Prometheus' form, and says by its end that it is a counter", () => {
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  const odd = all.filter(({ name, type }) => {
    const isOurs = /^(?:rollcall|process)(?:_[a-z]+)+$/.test(name);
    return !isOurs || name.endsWith("_total") !== (type === "counter");
  });
  expect(odd).toEqual([]);
});

test("each metric is explained in one line that ends as a sentence, and somebody exports it", () => {
  expect(all.filter(({ help }) => !/^[A-Z0-9][^\n\\]{10,}\.$/.test(help))).toEqual([]);
  expect(all.filter(({ exporters }) => exporters.length === 0)).toEqual([]);
});

test("what belongs to a service says the service's team too", () => {
  const halves = all.filter(({ labels }) => labels.includes("service") !== labels.includes("team"));
  expect(halves).toEqual([]);
});

test("the registrar and the scheduled backup export what stands here, no more and no less", () => {
  expect(typesIn(new Report(() => {}).metrics())).toEqual(declaredFor("registrar"));
  const schedule = {
    ...{ servers: [], serverName: "x", port: 1, caFile: "x", pairFile: "x", tokenFile: "x", recipients: [] },
    ...{ everySeconds: 60, keep: 1, folder: "/nonexistent", instance: "x", datacenter: "dc1" },
  };
  expect(typesIn(new Scheduler(schedule).metrics())).toEqual(declaredFor("backup"));
});
