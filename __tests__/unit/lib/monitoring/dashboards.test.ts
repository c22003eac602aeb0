import { DASHBOARDS } from "../../../../lib/monitoring/dashboards/all-dashboards.js";
import { renderDashboard } from "../../../../lib/monitoring/dashboards/render-dashboard.js";

const PANELS = DASHBOARDS.flatMap(({ uid, rows }) =>
  rows.flatMap(({ panels }) => panels.map((panel) => ({ name: `${uid}: ${panel.title}`, panel }))),
);

test.each(PANELS)("$name has a question, a unit, a description, and says what each line is", ({ panel }) => {
  expect(panel.title).toMatch(/^[A-Z].*\?$/);
  expect(panel.description).toMatch(/^[A-Z0-9].*[.]$/);
  expect(panel.unit).not.toBe("");
  expect(panel.queries.length).toBeGreaterThan(0);
  for (const { legend } of panel.queries) expect(legend).not.toBe("");
});

test("no state is told by its colour alone: each has a sign and a word, and no two are alike", () => {
  for (const { panel } of PANELS) {
    const texts = (panel.meanings ?? []).map(({ text }) => text);
    for (const text of texts) expect(text).toMatch(/^[✔✖▲★○] \w+/);
    expect(new Set(texts.map((text) => text[0])).size).toBe(texts.length);
  }
});

test("a timeline says what its states mean", () => {
  for (const { panel } of PANELS.filter(({ panel: { kind } }) => kind === "timeline"))
    expect(panel.meanings ?? []).not.toEqual([]);
});

test("titles and addresses are given once", () => {
  expect(new Set(DASHBOARDS.map(({ uid }) => uid)).size).toBe(DASHBOARDS.length);
  for (const { rows } of DASHBOARDS) {
    const titles = rows.flatMap(({ panels }) => panels.map(({ title }) => title));
    expect(new Set(titles).size).toBe(titles.length);
  }
});

test("Grafana gets every panel within its 24 columns, each with the Prometheus that the person chooses", () => {
  for (const dashboard of DASHBOARDS) {
    const made = JSON.parse(renderDashboard(dashboard));
    const panels = made.panels.filter(({ type }: { type: string }) => type !== "row");
    expect(panels).toHaveLength(dashboard.rows.flatMap((row) => row.panels).length);
    for (const { gridPos, datasource, targets } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      expect([datasource, ...targets.map((target: { datasource: unknown }) => target.datasource)]).toEqual(
        Array.from({ length: targets.length + 1 }, () => ({ type: "prometheus", uid: "${source}" })),
      );
    }
    expect(made.templating.list[0]).toMatchObject({ name: "source", type: "datasource" });
  }
});

test("the same dashboard is the same JSON", () => {
  for (const dashboard of DASHBOARDS) expect(renderDashboard(dashboard)).toBe(renderDashboard(dashboard));
});
