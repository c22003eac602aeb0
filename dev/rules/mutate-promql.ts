import { allParts, type Part, parsePromql } from "./promql-tree.js";

/** An expression with one thing wrong in it. */
export interface WrongExpr {
  /** What was changed; each stands once among the changes of an expression. */
  readonly what: string;
  readonly expr: string;
}

const COMPARATORS: Readonly<Record<string, readonly string[]>> = {
  Eql: ["!="],
  Neq: ["=="],
  Gtr: [">=", "<"],
  Gte: [">", "<"],
  Lss: ["<=", ">"],
  Lte: ["<", ">"],
};

/**
 * Every expression that differs from this one in one comparator, number, duration, label or record, or lacks one side of
 * an `unless`, `and` or `or`.
 * @param records the names that a record can be mistaken for
 */
export function wrongExprs(expr: string, records: readonly string[]): readonly WrongExpr[] {
  const seen = new Map<string, number>();
  return allParts(parsePromql(expr)).flatMap((part) =>
    changesOf(part, records).map(({ what, from, to, text }) => {
      const count = (seen.get(what) ?? 0) + 1;
      seen.set(what, count);
      return { what: count === 1 ? what : `${what} (${count})`, expr: expr.slice(0, from) + text + expr.slice(to) };
    }),
  );
}

interface Change {
  readonly what: string;
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

function changesOf(part: Part, records: readonly string[]): readonly Change[] {
  const becomes = (text: string): Change => ({ what: `${part.text} is ${text}`, from: part.from, to: part.to, text });
  switch (part.kind) {
    case "NumberDurationLiteral":
      return otherNumbers(part.text).map(becomes);
    case "NumberDurationLiteralInDurationContext":
      return otherDurations(part.text).map(becomes);
    case "Identifier":
      return otherRecord(part.text, records).map(becomes);
    case "MatchingModifierClause":
      return withoutLabels(part).map(becomes);
    case "LabelMatchers":
      return withoutOne(part).map(becomes);
    case "BinaryExpr":
      return sides(part);
    default:
      return (COMPARATORS[part.kind] ?? []).map(becomes);
  }
}

function otherNumbers(text: string): readonly string[] {
  const number = Number(text);
  if (number === 0) return ["1"];
  if (Number.isInteger(number) && number <= 20) return [String(number - 1), String(number + 1)];
  return [0.8, 1.25].map((factor) => String(Number((number * factor).toPrecision(12))));
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

function otherDurations(text: string): readonly string[] {
  const [, count = "", unit = ""] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? 0);
  return [`${seconds / 2}s`, `${seconds * 2}s`];
}

/** The next of the records that begin alike: the one that a slip of the hand would take. */
function otherRecord(text: string, records: readonly string[]): readonly string[] {
  const [level = "", metric = ""] = text.split(":");
  if (metric === "") return [];
  const alike = records.filter((each) => each.startsWith(`${level}:`));
  const next = alike[(alike.indexOf(text) + 1) % alike.length];
  return next === undefined || next === text ? [] : [next];
}

function withoutLabels(part: Part): readonly string[] {
  const [, rest = ""] = /^on \([^)]+\)(.*)$/s.exec(part.text) ?? [];
  return part.text.startsWith("on ()") || rest.includes("group_") || part.text.startsWith("ignoring")
    ? []
    : [`on ()${rest}`];
}

function withoutOne({ parts }: Part): readonly string[] {
  const matchers = parts.filter(({ kind }) => kind.endsWith("LabelMatcher"));
  return matchers.map(
    (left) =>
      `{${matchers
        .filter((each) => each !== left)
        .map(({ text }) => text)
        .join(",")}}`,
  );
}

/** What is left of `a unless b` without its second side, and of `a or b` without either. */
function sides(part: Part): readonly Change[] {
  const operator = part.parts.find(({ kind }) => ["Unless", "And", "Or"].includes(kind));
  const [first, last] = [part.parts[0], part.parts.at(-1)];
  if (operator === undefined || first === undefined || last === undefined) return [];
  const without = (dropped: Part, kept: Part): Change => ({
    what: `without ${operator.text} ${dropped.text}`,
    from: part.from,
    to: part.to,
    text: kept.text,
  });
  return [without(last, first), ...(operator.kind === "Or" ? [without(first, last)] : [])];
}
