import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import { LegendDisplayMode, LegendPlacement, VizLegendOptionsBuilder } from "@grafana/grafana-foundation-sdk/common";
import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  type Panel as MadePanel,
  MappingType,
  QueryVariableBuilder,
  RowBuilder,
  type ValueMapping,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimelineBuilder } from "@grafana/grafana-foundation-sdk/statetimeline";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as GraphBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import type { Choice, Dashboard, Meaning, Panel, Query } from "./dashboard.js";

/** Whoever imports the dashboards chooses which Prometheus they ask. */
const SOURCE = { type: "prometheus", uid: "${source}" };

/** Rows of Grafana's grid that a panel takes. */
const HEIGHT = { figure: 4, graph: 8, timeline: 10, list: 8 } as const;

/** A dashboard as Grafana imports it: JSON, the same for the same dashboard. Pure. */
export function renderDashboard({ uid, title, description, choices, rows }: Dashboard): string {
  const made = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(["rollcall"])
    .timezone("browser")
    .time({ from: "now-6h", to: "now" })
    .refresh("30s")
    .readonly()
    .withVariable(new DatasourceVariableBuilder("source").label("Prometheus").type("prometheus"));
  for (const choice of choices) made.withVariable(variable(choice));
  for (const row of rows) {
    made.withRow(new RowBuilder(row.title));
    for (const panel of row.panels) made.withPanel(panelOf(panel));
  }
  return `${JSON.stringify(made.build(), null, 2)}\n`;
}

function variable({ name, label, of, all }: Choice) {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(SOURCE)
    .query(`label_values(${of}, ${name})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(all)
    .includeAll(all);
}

function panelOf(panel: Panel): Builder<MadePanel> {
  const { title, description, kind, unit, queries, meanings = [], width = 12, min, max } = panel;
  const builder = builderOf(kind)
    .title(title)
    .description(description)
    .datasource(SOURCE)
    .unit(unit)
    .span(width)
    .height(HEIGHT[kind])
    .noValue("not measured")
    .mappings(meanings.map(mapping))
    .targets(queries.map((query, index) => target(query, index, kind)));
  if (min !== undefined) builder.min(min);
  if (max !== undefined) builder.max(max);
  return builder;
}

function builderOf(kind: Panel["kind"]) {
  switch (kind) {
    case "graph":
      return new GraphBuilder().legend(
        new VizLegendOptionsBuilder()
          .showLegend(true)
          .displayMode(LegendDisplayMode.List)
          .placement(LegendPlacement.Bottom),
      );
    case "figure":
      return new StatBuilder();
    case "timeline":
      return new TimelineBuilder();
    case "list":
      return new TableBuilder();
  }
}

function mapping({ value, text, colour }: Meaning): ValueMapping {
  return { type: MappingType.ValueToText, options: { [String(value)]: { text, color: colour } } };
}

function target({ expr, legend }: Query, index: number, kind: Panel["kind"]) {
  const query = new DataqueryBuilder()
    .refId(String.fromCharCode("A".charCodeAt(0) + index))
    .datasource(SOURCE)
    .expr(expr)
    .legendFormat(legend);
  if (kind === "list") return query.instant().format(PromQueryFormat.Table);
  return kind === "figure" ? query.instant() : query.range();
}
