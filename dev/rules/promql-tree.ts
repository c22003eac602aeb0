import { parser } from "@prometheus-io/lezer-promql";

/** One part of an expression. */
export interface Part {
  /** What it is, in the grammar's words, such as `BinaryExpr`. */
  readonly kind: string;
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly parts: readonly Part[];
}

type Node = ReturnType<typeof parser.parse>["topNode"];

/**
 * An expression taken apart.
 * @throws Error where it is no PromQL
 */
export function parsePromql(text: string): Part {
  const root = partOf(parser.parse(text).topNode, text);
  const broken = allParts(root).find(({ kind }) => kind === "⚠");
  if (broken !== undefined) throw new Error(`No PromQL at ${broken.from}: ${text}`);
  return root;
}

/** A part and all within it, from the first letter on. */
export function allParts(part: Part): readonly Part[] {
  return [part, ...part.parts.flatMap(allParts)];
}

/** The metrics and records that an expression reads. */
export function metricsIn(text: string): readonly string[] {
  const names = allParts(parsePromql(text)).filter(({ kind }) => kind === "Identifier");
  return [...new Set(names.map((part) => part.text))];
}

function partOf(node: Node, text: string): Part {
  const parts: Part[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) parts.push(partOf(child, text));
  return { kind: node.type.name, from: node.from, to: node.to, text: text.slice(node.from, node.to), parts };
}
