/*
 * Dashboards as data: what is asked, of which series, in which unit. `render-dashboard.ts` makes Grafana's JSON of it.
 */

/** One line of a panel. */
export interface Query {
  readonly expr: string;
  /** What the line is called, with labels in `{{ }}`. */
  readonly legend: string;
}

/** How a value is told without its colour: by a sign and a word. */
export interface Meaning {
  readonly value: number;
  /** Such as `✔ found`. */
  readonly text: string;
  readonly colour: "green" | "yellow" | "orange" | "red" | "blue";
}

/** One panel: a question, and where its answer is. */
export interface Panel {
  /** A question, such as "Which services cannot be found?". */
  readonly title: string;
  /** What to read from it, in a sentence or two. */
  readonly description: string;
  /** `graph` over time, `figure` a number of now, `timeline` states over time, `list` a row a series of now. */
  readonly kind: "graph" | "figure" | "timeline" | "list";
  /** Grafana's name of the unit: `s`, `percentunit`, `short`, `bytes`, `reqps`, … */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** @default - the number itself */
  readonly meanings?: readonly Meaning[];
  /** Columns of the 24 that it takes. @default 12 */
  readonly width?: number;
  /** The least value of the axis. @default - what is there */
  readonly min?: number;
  /** The most. @default - what is there */
  readonly max?: number;
}

/** Panels under one heading. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** What a person chooses at the top of a dashboard; `all` lets one see everything. */
export interface Choice {
  /** In queries `$name`. */
  readonly name: string;
  readonly label: string;
  /** The series whose label is listed, such as `rollcall_service_up`. */
  readonly of: string;
  readonly all: boolean;
}

/** One dashboard. */
export interface Dashboard {
  /** Its file, and its address in Grafana. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly choices: readonly Choice[];
  readonly rows: readonly Row[];
}

/** Found by discovery, or not. */
export const FOUND: readonly Meaning[] = [
  { value: 1, text: "✔ found", colour: "green" },
  { value: 0, text: "✖ not found", colour: "red" },
];

/** Yes and no, where yes is well. */
export const WELL: readonly Meaning[] = [
  { value: 1, text: "✔ yes", colour: "green" },
  { value: 0, text: "✖ no", colour: "red" },
];
