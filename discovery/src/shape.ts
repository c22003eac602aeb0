import { InvalidOption } from "./errors.js";
import { isJson } from "./json.js";
import { nearest } from "./nearest.js";

/** Says what a value has to be, where it is something else. @param what the object it is in @param name its own name */
export type Rule = (value: unknown, what: string, name: string) => string | undefined;

/** A rule for each option. One that lacks an option of the type, or has one too many, does not compile. */
export type Rules<T> = { readonly [Name in keyof T]-?: Rule };

/** The rules by the names of the options. */
export type Shape = ReadonlyMap<string, Rule>;

/** Makes a shape of the rules. */
export function shapeOf<T>(rules: Rules<T>): Shape {
  return new Map(Object.entries<Rule>(rules));
}

/**
 * Refuses options with a name that nobody knows, or a value of the wrong kind: for programs in plain JavaScript, what
 * the compiler refuses in TypeScript.
 * @param what begins the error's text, such as `createDiscovery`
 * @throws InvalidOption with the nearest name
 */
export function mustFit(what: string, options: unknown, shape: Shape): void {
  if (!isJson(options)) throw new InvalidOption(`${what} takes an object`, "Write { name: value }.");
  for (const name in options) {
    const [rule, value] = [shape.get(name), options[name]];
    if (rule === undefined) {
      const near = nearest(name, [...shape.keys()]);
      const remedy = near === undefined ? `There are ${[...shape.keys()].join(", ")}.` : `Did you mean ${near}?`;
      throw new InvalidOption(`There is no option ${what}.${name}`, remedy);
    }
    if (value === undefined) continue;
    const wanted = rule(value, what, name);
    if (wanted !== undefined) throw new InvalidOption(`${what}.${name} is ${shown(name, value)}`, `Pass ${wanted}.`);
  }
}

/** An object with options of its own. @throws InvalidOption by its path */
export function group<T>(rules: Rules<T>): Rule {
  const shape = shapeOf(rules);
  return (value, what, name) => {
    mustFit(`${what}.${name}`, value, shape);
    return undefined;
  };
}

/** A rule of a type: the words say what it wants. */
const is =
  (words: string, holds: (value: unknown) => boolean): Rule =>
  (value) =>
    holds(value) ? undefined : words;

export const text = is("a string", (value) => typeof value === "string");
export const filled = is("a string that is not empty", (value) => typeof value === "string" && value.trim() !== "");
export const list = is("an array", Array.isArray);
export const texts = is("an array of strings", (value) => Array.isArray(value) && value.every(isText));
export const pairs = is("an object of strings", (value) => isJson(value) && Object.values(value).every(isText));
export const yesNo = is("true or false", (value) => typeof value === "boolean");
export const callable = is("a function", (value) => typeof value === "function");
export const anObject = is("an object", isJson);

/** An object with methods. One that lacks a method would fail later, far from the code that passed it. */
export function having(...methods: readonly string[]): Rule {
  return is(
    `an object with the methods ${methods.join(", ")}`,
    (value) => isJson(value) && methods.every((method) => typeof value[method] === "function"),
  );
}

export const share = number(0, 1);
/** Milliseconds of a timer; Node fires a longer one at once. */
export const timer = number(0, 2 ** 31 - 1);

/** A number within bounds. */
export function number(least = 0, most = Number.POSITIVE_INFINITY): Rule {
  const words = most === Number.POSITIVE_INFINITY ? `${least} or more` : `from ${least} to ${most}`;
  return is(`a number, ${words}`, (value) => typeof value === "number" && value >= least && value <= most);
}

/** A number without a fraction, within bounds. */
export function whole(least: number, most?: number): Rule {
  const inBounds = number(least, most);
  return (value, what, name) =>
    inBounds(value, what, name) ?? (Number.isSafeInteger(value) ? undefined : "a whole number");
}

/** One of these words. */
export function oneOf(words: readonly string[]): Rule {
  return (value) => {
    if (isText(value) && words.includes(value)) return undefined;
    const near = isText(value) ? nearest(value, words) : undefined;
    return `one of ${words.join(", ")}${near === undefined ? "" : `; did you mean ${near}?`}`;
  };
}

/** What one of the rules allows. */
export function either(...rules: readonly Rule[]): Rule {
  return (value, what, name) => {
    const wanted: string[] = [];
    for (const rule of rules) {
      const words = rule(value, what, name);
      if (words === undefined) return undefined;
      wanted.push(words);
    }
    return wanted.join(", or ");
  };
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** A value as an error shows it: short, and never a secret. */
function shown(name: string, value: unknown): string {
  if (["token", "env", "ca"].includes(name) || typeof value === "function" || typeof value === "symbol")
    return `a ${typeof value}`;
  return (typeof value === "bigint" ? `${value}n` : Number.isNaN(value) ? "NaN" : JSON.stringify(value)).slice(0, 100);
}
