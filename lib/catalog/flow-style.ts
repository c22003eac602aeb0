import { Document, isSeq } from "yaml";
import { isMapping } from "./explain.js";

/** How a file writes its mappings and lists on one line. */
export interface FlowStyle {
  /** `{ port: 1 }` rather than `{port: 1}`. */
  readonly isMapPadded: boolean;
  /** `[ a, b ]` rather than `[a, b]`. */
  readonly isListPadded: boolean;
}

/** As the files of this project are written. */
export const USUAL_STYLE: FlowStyle = { isMapPadded: true, isListPadded: false };

/** A value on one line of YAML, in the style of a file. What could be read as something else is put in quotes. Pure. */
export function onOneLine(value: unknown, style: FlowStyle = USUAL_STYLE): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    const items = value.map((item) => onOneLine(item, style)).join(", ");
    return style.isListPadded ? `[ ${items} ]` : `[${items}]`;
  }
  if (!isMapping(value)) return scalar(value);
  const pairs = Object.entries(value).map(([key, item]) => `${scalar(key)}: ${onOneLine(item, style)}`);
  if (pairs.length === 0) return "{}";
  return style.isMapPadded ? `{ ${pairs.join(", ")} }` : `{${pairs.join(", ")}}`;
}

/** Between brackets more signs need quotes than elsewhere, so it is written there. */
function scalar(value: unknown): string {
  const list = new Document([value]);
  if (isSeq(list.contents)) list.contents.flow = true;
  return list.toString({ lineWidth: 0, flowCollectionPadding: false }).trim().slice(1, -1);
}
