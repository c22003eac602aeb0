import type * as z from "zod";
import { nearest } from "../nearest-word.cjs";
import type { CatalogProblem } from "./problem.js";
import type { Path, YamlSource } from "./yaml-source.js";

/** The most unknown fields of one mapping that are reported: with more, the file is not a catalog. */
const MOST_UNKNOWN = 100;

/** True for a mapping: what has fields and is not a list. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A path as a person reads it: `billing_service.tags[2]`; `defaults.check`; `the file` for the top. */
export function label(path: Path): string {
  const named = path[0] === "services" && path.length > 1 ? path.slice(1) : path;
  const text = named.map((step) => (typeof step === "number" ? `[${step}]` : `.${word(String(step))}`)).join("");
  return text.replace(/^\./, "") || "the file";
}

/** A schema's complaint in the words of the person who wrote the file: what is wrong, and what to write instead. */
export function explain(issue: z.core.$ZodIssue, under: Path, source: YamlSource): readonly CatalogProblem[] {
  const path = [...under, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const words = issue.message.split(" ");
    // parseYaml has reported this key, which not every schema sees.
    const keys = issue.keys.filter((key) => key !== "__proto__");
    return keys.slice(0, MOST_UNKNOWN).map((key) => ({
      ...source.locate([...path, key], "key"),
      message: `${label([...path, key])} is not a field`,
      remedy: suggest(key, words),
    }));
  }
  if (issue.code === "invalid_key") {
    const wants = issue.issues[0]?.message ?? issue.message;
    return [
      { ...source.locate(path, "key"), message: `${label(path)} is not allowed as a name`, remedy: `write ${wants}` },
    ];
  }
  if (issue.code === "custom" && typeof issue.params?.fault === "string")
    return [
      {
        ...source.locate(path, "value"),
        message: `${label(path)} ${issue.params.fault}`,
        remedy: `write ${issue.message}`,
      },
    ];
  const value = faulty(issue);
  const options = issue.code === "invalid_union" && "options" in issue ? issue.options?.map(String) : undefined;
  return [
    {
      ...source.locate(path, "value"),
      message:
        value === undefined
          ? `${label(path)} is missing`
          : `${label(path)} is ${unquoted(issue) ? "the number " : ""}${show(value)}${because(issue)}`,
      remedy: options ? suggest(String(value), options) : `write ${issue.message}`,
    },
  ];
}

/** The value at fault. A rule about two fields, and the choice of a kind, are given the mapping around it. */
function faulty(issue: z.core.$ZodIssue): unknown {
  // A rule that asks for a field which is not there says so: its input is the mapping around it.
  if (issue.code === "custom" && issue.params?.missing === true) return undefined;
  const around = issue.code === "custom" || issue.code === "invalid_union" ? issue.input : undefined;
  const key = String(issue.path.at(-1));
  const names = issue.code === "invalid_union" ? "discriminator" in issue : isMapping(around) && key in around;
  return names && isMapping(around) ? around[key] : issue.input;
}

/** What is wrong with a value that looks right, where its rule says so. */
function because(issue: z.core.$ZodIssue): string {
  return issue.code === "custom" && typeof issue.params?.why === "string" ? `, which ${issue.params.why}` : "";
}

/** A number where a text is wanted: `1.0` has become 1, so say why it looks different. */
function unquoted(issue: z.core.$ZodIssue): boolean {
  return issue.code === "invalid_type" && issue.expected === "string" && typeof issue.input === "number";
}

/** What people write for something else that they mean, and is not near to it. */
const MEANT: Readonly<Record<string, string>> = { deregister_after: "deregister_critical_service_after" };

function suggest(typed: string, words: readonly string[]): string {
  if (typed === "<<") return "write the values out, or put them into defaults: merge keys are not read";
  const known = Object.hasOwn(MEANT, typed) ? MEANT[typed] : undefined;
  const meant = known !== undefined && words.includes(known) ? known : nearest(typed, words);
  return meant === undefined ? `write one of ${words.join(", ")}` : `did you mean ${meant}?`;
}

function show(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isMapping(value)) return `a mapping of ${Object.keys(value).length}`;
  return typeof value === "string" ? JSON.stringify(shorten(value)) : String(value);
}

function word(text: string): string {
  return /^[\w-]{1,80}$/.test(text) ? text : JSON.stringify(shorten(text));
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
