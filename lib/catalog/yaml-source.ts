import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLWarning,
} from "yaml";
import type { CatalogProblem, Place } from "./problem.js";

/** Field names and list positions, from the top of a file. */
export type Path = readonly PropertyKey[];

/** A file that is YAML, and where everything in it stands. */
export interface YamlSource {
  /** What the file says, as plain values. */
  readonly value: unknown;
  /** Where the key or the value at this path stands; for what is not there, the nearest thing around it. */
  readonly locate: (path: Path, part: "key" | "value") => Place;
}

type Pairs = ReadonlyMap<string, { readonly key: unknown; readonly value: unknown }>;

/** Enough for one anchor used by every service of a large team; an alias bomb needs far more. */
const MAX_ALIASES = 1000;
const TOO_MANY_ALIASES = { message: `aliases multiply to more than ${MAX_ALIASES}`, remedy: "write the values out" };
const TOO_DEEP = { message: "the YAML is nested too deeply", remedy: "write it with fewer levels" };

/**
 * Reads YAML 1.2 without ever throwing.
 * @param file the name for the problems
 * @param text what is in it
 * @returns the source, unless it is no YAML at all, and every problem of YAML's own
 */
export function parseYaml(file: string, text: string): { source?: YamlSource; problems: readonly CatalogProblem[] } {
  const lines = new LineCounter();
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: "error",
    });
    const faults = [...document.errors, ...document.warnings];
    if (faults.length > 0) return { problems: faultsOf(faults, at) };
    const { maps, targets, repeated, dangling } = index(document, at);
    if (dangling.length > 0) return { problems: [...repeated, ...dangling] };
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return {
      source: { value, locate: (path, part) => locate(document, { maps, targets }, at, path, part) },
      problems: repeated,
    };
  } catch (error) {
    // Aliases are counted as the values are made; all else that can fail here is recursion deeper than the stack.
    return { problems: [{ ...at(0), ...(error instanceof ReferenceError ? TOO_MANY_ALIASES : TOO_DEEP) }] };
  }
}

/** The first fault of each line: what comes after it there is mostly its consequence. */
function faultsOf(
  faults: readonly (YAMLError | YAMLWarning)[],
  at: (offset: number) => Place,
): readonly CatalogProblem[] {
  const problems = faults.map((fault) => ({ ...at(fault.pos[0]), ...inWords(fault) }));
  return problems.filter((one, index) => problems.findIndex(({ line }) => line === one.line) === index);
}

function inWords(fault: YAMLError | YAMLWarning): Pick<CatalogProblem, "message" | "remedy"> {
  switch (fault.code) {
    case "MULTIPLE_DOCS":
      return { message: "a second document begins here", remedy: "write one file a team" };
    case "RESOURCE_EXHAUSTION":
      return TOO_DEEP;
    default:
      return {
        message: fault.message,
        remedy: fault.message.startsWith("Unexpected flow-map-start at node end")
          ? 'correct the YAML: between { and }, a text with { in it stands in quotes, such as "isa-{name}"'
          : "correct the YAML",
      };
  }
}

/** Every mapping's pairs by key; what each alias stands for; keys that stand in one twice; aliases of nothing. */
function index(document: Document, at: (offset: number) => Place) {
  const maps = new Map<unknown, Pairs>();
  const repeated: CatalogProblem[] = [];
  const dangling: CatalogProblem[] = [];
  const anchors = new Map<string, unknown>();
  const targets = new Map<unknown, unknown>();
  visit(document, (_, node) => {
    if (isAlias(node) && !anchors.has(node.source)) {
      const remedy = `write &${node.source} before the value it is to stand for`;
      dangling.push({ ...at(start(node) ?? 0), message: `*${node.source} stands for nothing`, remedy });
    }
    if (isAlias(node)) targets.set(node, anchors.get(node.source));
    if ((isScalar(node) || isCollection(node)) && node.anchor) anchors.set(node.anchor, node);
    // Consul would put another character in its place, and the service would differ for ever.
    if (isScalar(node) && typeof node.value === "string" && /\p{Surrogate}/u.test(node.value))
      repeated.push({
        ...at(start(node) ?? 0),
        message: "this text has half a character in it (a lone surrogate)",
        remedy: "write the whole character",
      });
    if (!isMap(node)) return;
    const pairs = new Map<string, { key: unknown; value: unknown }>();
    for (const pair of node.items) {
      const key = isAlias(pair.key) ? pair.key.resolve(document) : pair.key;
      const name = isScalar(key) ? String(key.value ?? "") : String(key);
      const first = pairs.get(name);
      const place = at(start(pair.key) ?? 0);
      if (first !== undefined) {
        const message = `${name} is given twice, first on line ${at(start(first.key) ?? 0).line}`;
        repeated.push({ ...place, message, remedy: "remove or rename one of them" });
      }
      // JavaScript would take this key for the parent of the mapping and the schema would never see it.
      if (name === "__proto__") repeated.push({ ...place, message: "__proto__ is not a field", remedy: "remove it" });
      pairs.set(name, pair);
    }
    maps.set(node, pairs);
  });
  return { maps, targets, repeated, dangling };
}

function locate(
  document: Document,
  { maps, targets }: { readonly maps: ReadonlyMap<unknown, Pairs>; readonly targets: ReadonlyMap<unknown, unknown> },
  at: (offset: number) => Place,
  path: Path,
  part: "key" | "value",
): Place {
  let node: unknown = document.contents;
  let found = start(node) ?? 0;
  for (const [depth, step] of path.entries()) {
    const holder = isAlias(node) ? targets.get(node) : node;
    const pair = isMap(holder) ? maps.get(holder)?.get(String(step)) : undefined;
    const item = isSeq(holder) ? holder.items[Number(step)] : pair?.value;
    if (pair === undefined && item === undefined) break;
    node = item;
    const key = pair && start(pair.key);
    const empty = isScalar(item) && item.value === null && item.source === "";
    const wantsKey = part === "key" || depth < path.length - 1 || empty;
    found = (wantsKey ? key : undefined) ?? start(item) ?? key ?? found;
  }
  return at(found);
}

function start(node: unknown): number | undefined {
  return isNode(node) && node.range ? node.range[0] : undefined;
}
