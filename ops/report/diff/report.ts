import Table from "cli-table3";
import { type Change, changesBetween, sentence } from "../../../lib/catalog/changes.js";
import { needsProber } from "../../../lib/catalog/checks.js";
import { declaredBy } from "../../../lib/catalog/declared.js";
import type { Catalog } from "../../../lib/catalog/types.js";
import { cut, printable, printableLines } from "../../../lib/printable.js";
import { PROBER } from "../../../lib/prober.js";
import { fewLines } from "../../cli/few.js";

/** What Terraform would do to one stack. */
export interface StackPlan {
  readonly name: string;
  /** `new`: never applied, so there is nothing to compare with; `unknown`: it could not be planned. */
  readonly state: "planned" | "new" | "unknown";
  readonly add: number;
  readonly change: number;
  readonly replace: number;
  readonly destroy: number;
  /** A word for the table: what it waits for, or why it could not be planned. "" for nothing. */
  readonly note: string;
}

/** Something dangerous in a plan. */
export interface Danger {
  /** The word by which ROLLCALL_ALLOW lets it pass. */
  readonly id: string;
  readonly what: string;
  readonly isAllowed: boolean;
}

/** All that `npx rollcall diff` found. It holds names, actions and the catalog's own fields, never a planned value. */
export interface Report {
  readonly catalog: readonly Change[];
  readonly stacks: readonly StackPlan[];
  /** What people will notice, such as a container that is replaced. */
  readonly noticed: readonly string[];
  /** Services that become critical because their check is answered with a redirect; [] where no check becomes stricter. */
  readonly redirected: readonly string[];
  /** What differs from what was applied; [] in a report that is not about drift. */
  readonly drifted: readonly string[];
  /** Settings that are missing, for which `up` refuses to begin. */
  readonly refused: readonly string[];
  readonly dangers: readonly Danger[];
}

/** What changes from one catalog to another, where nothing is planned. Pure. */
export function reportBetween(before: Catalog, after: Catalog): Report {
  const catalog = changesBetween(declaredBy(before), declaredBy(after));
  return {
    catalog,
    stacks: [],
    noticed: proberOf(before, after),
    redirected: [],
    drifted: [],
    refused: [],
    dangers: [],
  };
}

/** A container that a catalog alone brings or takes away: where Terraform plans it, it stands among the stacks. */
function proberOf(before: Catalog, after: Catalog): readonly string[] {
  const [was, is] = [needsProber(before.services), needsProber(after.services)];
  if (was === is) return [];
  return [is ? `${PROBER.host} is created: Consul does not know every kind of check` : `${PROBER.host} is destroyed`];
}

/** How a report can be printed. */
const FORMATS = ["text", "markdown", "json"] as const;
export type Format = (typeof FORMATS)[number];

/** A comment on GitHub takes 65,536 characters; what is around the report needs some. */
const MARKDOWN_LIMIT = 60_000;
/** Of these, what is not the catalog's change may take so many a section. */
const SECTION_LIMIT = 10_000;
/** So much of one service: a single one cannot push the others out. */
const CHANGE_LIMIT = 6_000;

/** 0 where nothing changes, 2 where something does, 1 where something is unknown or refused, or dangerous and not allowed. */
export function exitCode({ catalog, stacks, refused, drifted, dangers }: Report): number {
  if (refused.length > 0 || stacks.some(({ state }) => state === "unknown")) return 1;
  if (dangers.some(({ isAllowed }) => !isAllowed)) return 1;
  return catalog.length > 0 || drifted.length > 0 || stacks.some(isChanged) ? 2 : 0;
}

/** Whether applying the stack would do anything. */
export function isChanged({ state, add, change, replace, destroy }: StackPlan): boolean {
  return state === "new" || add + change + replace + destroy > 0;
}

/**
 * The report for a terminal, a pull request or a program.
 * @param nothing what is said where the services do not change
 */
export function render(report: Report, format: Format, nothing = "The catalog does not change."): string {
  if (format === "json") return printableLines(JSON.stringify({ exitCode: exitCode(report), ...report }, null, 2));
  return format === "markdown" ? markdown(report, nothing) : printableLines(text(report, nothing));
}

const HEAD = ["stack", "add", "change", "replace", "destroy", ""];

function cells({ name, state, add, change, replace, destroy, note }: StackPlan): string[] {
  const numbers = state === "planned" ? [add, change, replace, destroy].map(String) : ["", "", "", ""];
  return [name, ...numbers, [state === "planned" ? "" : state, note].filter(Boolean).join(": ")];
}

/** The heading of `Report.redirected`. */
const REDIRECTED = "Checks that follow redirects now and will not any more";

function sections(report: Report): readonly (readonly [string, readonly string[]])[] {
  const blocking = report.dangers.filter(({ isAllowed }) => !isAllowed);
  const allowed = report.dangers.filter(({ isAllowed }) => isAllowed);
  const all = [
    ["`up` refuses: settings are missing", report.refused],
    ["What drifted", report.drifted],
    ["What will be noticed", report.noticed],
    [REDIRECTED, report.redirected],
    ["Dangerous, and allowed", allowed.map(({ what }) => what)],
    ["Dangerous: blocked", blocking.map(({ id, what }) => `${what} (ROLLCALL_ALLOW=${id} lets it pass)`)],
  ] as const;
  return all.filter(([, lines]) => lines.length > 0);
}

function text(report: Report, nothing: string): string {
  const parts = [
    report.catalog.length === 0 ? nothing : [...counts(report.catalog), ...report.catalog.map(sentence)].join("\n"),
    ...(report.stacks.length === 0 ? [] : [tableOf(report.stacks)]),
    ...sections({ ...report, drifted: fewLines(report.drifted, "`--format json` has all") }).map(
      ([title, lines]) => `${title}\n${lines.map((line) => `  ${line}`).join("\n")}`,
    ),
  ];
  return parts.join("\n\n");
}

/** How many services change in which way, e.g. `2 removed`; [] of a single one. Pure. */
export function counts(changes: readonly Change[]): readonly string[] {
  const count = (wanted: Change["kind"]) => changes.filter(({ kind }) => kind === wanted).length;
  const kinds = (["removed", "changed", "added"] as const).filter((kind) => count(kind) > 0);
  return changes.length < 2 ? [] : [kinds.map((kind) => `${count(kind)} ${kind}`).join(", ")];
}

function tableOf(stacks: readonly StackPlan[]): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [] } });
  table.push(...stacks.map(cells));
  return table.toString();
}

function markdown(report: Report, nothing: string): string {
  const rows = report.stacks.map((stack) => `| ${cells(stack).map(inCell).join(" | ")} |`);
  const rest = [
    ...(rows.length === 0 ? [] : [`| ${HEAD.join(" | ")} |\n|---|--:|--:|--:|--:|---|\n${rows.join("\n")}`]),
    ...sections(report).map(([title, lines]) => `**${title}**\n\n${fenced(within(lines, SECTION_LIMIT))}`),
  ].join("\n\n");
  const lines = [...counts(report.catalog), ...report.catalog.map((change) => cut(sentence(change), CHANGE_LIMIT))];
  const told = lines.length === 0 ? nothing : fenced(within(lines, MARKDOWN_LIMIT - rest.length));
  return [told, rest].filter(Boolean).join("\n\n");
}

/** As many of these as fit, and how many do not. */
export function within(texts: readonly string[], limit = MARKDOWN_LIMIT): readonly string[] {
  let length = 0;
  const fitting = texts.findIndex((text) => {
    length += printableLines(text).length + 1;
    return length > limit;
  });
  if (fitting === -1) return texts;
  return [...texts.slice(0, fitting), `… and ${texts.length - fitting} more; npx rollcall diff shows them all`];
}

/** In a code block nothing is markup and nobody is mentioned, whatever a catalog says. */
export function fenced(lines: readonly string[]): string {
  const shown = printableLines(lines.join("\n"));
  const longest = [...shown.matchAll(/`+/g)].reduce((most, [run]) => Math.max(most, run.length), 2);
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${shown}\n${fence}`;
}

function inCell(text: string): string {
  return printable(text).replace(/[|\\`<>*_@[\]]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
