import { isDeepStrictEqual } from "node:util";
import { isMap, isNode, isScalar, isSeq, type Pair, parseDocument, stringify, visit, type YAMLMap } from "yaml";
import { isMapping } from "./explain.js";
import { type FlowStyle, onOneLine, USUAL_STYLE } from "./flow-style.js";
import { parseYaml } from "./yaml-source.js";

/** A service as a file of the catalog has it: its fields by name. */
export type Entry = Readonly<Record<string, unknown>>;

/** A team's file with one service more. */
export interface WithService {
  /** All that the file says then. */
  readonly text: string;
  /** The line on which the new service begins, from 1. */
  readonly line: number;
  /** The new lines, or the line that has grown. */
  readonly added: string;
}

/** A text that goes in at an offset; where several do, in ascending order. */
interface Insertion {
  readonly at: number;
  readonly text: string;
}

/**
 * Adds a service behind the last one of a team's file, in the style of its neighbours. Text is only put in: everything
 * else stays as it was, byte for byte. Pure.
 * @param text the whole file
 * @returns undefined where the file is written in a way that this cannot add to
 */
export function withService(text: string, name: string, entry: Entry): WithService | undefined {
  const insertions = insertionsFor(text, name, entry);
  const last = insertions.at(-1);
  if (last === undefined) return undefined;
  const after = insertions.reduceRight((done, { at, text: more }) => done.slice(0, at) + more + done.slice(at), text);
  if (!says(after, text, name, entry)) return undefined;
  // A line break at the beginning ends the line before.
  const start = last.at + insertions.slice(0, -1).reduce((sum, each) => sum + each.text.length, 0);
  const breaks = /^,?\r?\n/.exec(last.text)?.[0].length ?? 0;
  const from = after.lastIndexOf("\n", start + breaks - 1) + 1;
  const to = after.indexOf("\n", start + last.text.trimEnd().length);
  return {
    text: after,
    line: after.slice(0, from).split("\n").length,
    added: after.slice(from, to === -1 ? undefined : to).trimEnd(),
  };
}

/** Whether the file says what it said, and the new service: a last look, whatever the layout was. */
function says(after: string, before: string, name: string, entry: Entry): boolean {
  const [old, now] = [before, after].map((each) => parseYaml("", each).source?.value);
  if (!isMapping(old)) return false;
  const services = isMapping(old.services) ? old.services : {};
  return isDeepStrictEqual(now, { ...old, services: { ...services, [name]: entry } });
}

function parse(text: string) {
  try {
    const document = parseDocument(text, { uniqueKeys: false, logLevel: "error" });
    return document.errors.length > 0 ? undefined : document;
  } catch {
    // Nested deeper than the stack: the catalog's reader tells it.
    return undefined;
  }
}

function insertionsFor(text: string, name: string, entry: Entry): readonly Insertion[] {
  const top = parse(text)?.contents;
  if (!isMap(top) || top.flow === true) return [];
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const pair = top.items.find(({ key }) => isScalar(key) && key.value === "services");
  const style = flowStyleOf(top);
  const line = `${onOneLine(name, style)}: ${onOneLine(entry, style)}`;
  if (pair === undefined) return ["services:", `  ${line}`].map((each) => lineAt(text, text.length, each, eol));
  const services = pair.value;
  if (isMap(services) && services.flow === true) return inFlow(text, services, line, eol);
  if (isMap(services)) return [inBlock(text, services, { name, entry, line, style, eol })].flatMap((one) => one ?? []);
  const end = isNode(pair.key) ? pair.key.range?.[1] : undefined;
  return end === undefined ? [] : [lineAt(text, afterComments(text, lineEnd(text, end), 0), `  ${line}`, eol)];
}

interface New {
  readonly name: string;
  readonly entry: Entry;
  readonly line: string;
  readonly style: FlowStyle;
  readonly eol: string;
}

/** Between `{` and `}`: behind a comma, on a line of its own where the last service has one. */
function inFlow(text: string, services: YAMLMap, line: string, eol: string): readonly Insertion[] {
  const [start = 0, end = 0] = services.range ?? [];
  const last = services.items.at(-1);
  if (last === undefined) return [{ at: start + 1, text: text[start + 1] === "}" ? ` ${line} ` : ` ${line}` }];
  const at = endOf(last);
  const indent = indentOf(text, last);
  if (indent === undefined) return [{ at, text: `, ${line}` }];
  const rest = text.slice(at, end - 1);
  if (!rest.includes("\n")) return [{ at, text: `,${eol}${indent}${line}` }];
  const hasComma = rest.replace(/#.*/g, "").includes(",");
  const next = lineEnd(text, at);
  return [...(hasComma ? [] : [{ at, text: "," }]), { at: next, text: `${indent}${line}${hasComma ? "," : ""}${eol}` }];
}

/** On a line of its own behind the last service, or as a block where most of the others are one. */
function inBlock(text: string, services: YAMLMap, { name, entry, line, style, eol }: New): Insertion | undefined {
  const last = services.items.at(-1);
  const indent = services.items.map((each) => indentOf(text, each)).find((each) => each !== undefined);
  if (last === undefined || indent === undefined) return undefined;
  const blocks = services.items.flatMap(({ value }) => (isMap(value) && value.flow !== true ? [value] : []));
  const [block] = blocks;
  const isBlock = block !== undefined && blocks.length * 2 > services.items.length;
  const own = isBlock ? asBlock(text, block, indent, { name, entry, style }).join(eol) : indent + line;
  return lineAt(text, afterComments(text, lineEnd(text, endOf(last)), indent.length), own, eol);
}

/** The lines of a block: what is nested on one line each where its neighbours have that too. */
function asBlock(
  text: string,
  neighbour: YAMLMap,
  indent: string,
  { name, entry, style }: Pick<New, "name" | "entry" | "style">,
): readonly string[] {
  const [field] = neighbour.items;
  const inner = (field === undefined ? undefined : indentOf(text, field)) ?? `${indent}  `;
  const nested = neighbour.items.flatMap(({ value }) => (isMap(value) || isSeq(value) ? [value.flow === true] : []));
  const isFlow = nested.length === 0 || nested.includes(true);
  const width = Math.max(inner.length - indent.length, 1);
  const fields = isFlow
    ? Object.entries(entry).map(([key, value]) => `${key}: ${onOneLine(value, style)}`)
    : stringify(entry, { indent: width, lineWidth: 0, indentSeq: hasIndentedLists(text, neighbour) })
        .trimEnd()
        .split("\n");
  return [`${indent}${onOneLine(name, style)}:`, ...fields.map((each) => inner + each)];
}

/** Whether the items of its lists are indented below their field. */
function hasIndentedLists(text: string, block: YAMLMap): boolean {
  const list = block.items.find(({ value }) => isSeq(value) && value.flow !== true);
  const start = list !== undefined && isNode(list.value) ? list.value.range?.[0] : undefined;
  const indent = list === undefined ? undefined : indentOf(text, list);
  if (start === undefined || indent === undefined) return true;
  return start - (text.lastIndexOf("\n", start - 1) + 1) > indent.length;
}

/** As most of the file's mappings and lists on one line are written. */
function flowStyleOf(top: YAMLMap): FlowStyle {
  const maps: (boolean | undefined)[] = [];
  const lists: (boolean | undefined)[] = [];
  visit(top, {
    Map: (_, map) => void (map.flow === true && maps.push(isPadded(map, map.items[0]?.key))),
    Seq: (_, list) => void (list.flow === true && lists.push(isPadded(list, list.items[0]))),
  });
  const most = (all: readonly (boolean | undefined)[], otherwise: boolean) => {
    const told = all.filter((each) => each !== undefined);
    return told.length === 0 ? otherwise : told.filter(Boolean).length * 2 > told.length;
  };
  return {
    isMapPadded: most(maps, USUAL_STYLE.isMapPadded),
    isListPadded: most(lists, USUAL_STYLE.isListPadded),
  };
}

/** Whether something stands between the bracket and what comes first; undefined where nothing does. */
function isPadded(around: unknown, first: unknown): boolean | undefined {
  const [outer, inner] = [around, first].map((node) => (isNode(node) ? node.range?.[0] : undefined));
  return outer === undefined || inner === undefined ? undefined : inner > outer + 1;
}

function endOf({ key, value }: Pair): number {
  const [keyEnd = 0, valueEnd = 0] = [key, value].map((node) => (isNode(node) ? node.range?.[1] : undefined) ?? 0);
  return Math.max(keyEnd, valueEnd);
}

/** What stands before a key that is the first on its line; undefined where something else is. */
function indentOf(text: string, { key }: Pair): string | undefined {
  const start = isNode(key) ? key.range?.[0] : undefined;
  if (start === undefined) return undefined;
  const before = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  return before.trim() === "" ? before : undefined;
}

/** Where the line after this offset begins; what ends with a line break has ended its line. */
function lineEnd(text: string, offset: number): number {
  if (text[offset - 1] === "\n") return offset;
  const next = text.indexOf("\n", offset);
  return next === -1 ? text.length : next + 1;
}

/** Behind the comments that are indented deeper than this: they belong to what stands before them. */
function afterComments(text: string, offset: number, indent: number): number {
  const [comments = ""] = new RegExp(`^(?:[ ]{${indent + 1},}#[^\\n]*(?:\\n|$))*`).exec(text.slice(offset)) ?? [];
  return offset + comments.length;
}

/** A line at the beginning of another one; at the end of a text that does not end with a line break, behind one. */
function lineAt(text: string, at: number, line: string, eol: string): Insertion {
  const isOpen = at === text.length && text !== "" && !text.endsWith("\n");
  return { at, text: isOpen ? eol + line : line + eol };
}
