import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { kvSubkey, renderDefinition } from "./definition";
import type { Catalog } from "./types";

const checkSchema = z.looseObject({ id: z.string() });

/** A service definition as Consul KV or `renderDefinition` gives it, as far as a comparison reads it. */
export const definitionSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  address: z.string(),
  port: z.number(),
  tags: z.array(z.string()),
  meta: z.record(z.string(), z.string()),
  weights: z.record(z.string(), z.number()).optional(),
  checks: z.array(checkSchema),
});
/** One of them. */
export type Definition = Readonly<z.output<typeof definitionSchema>>;
type Check = Readonly<z.output<typeof checkSchema>>;

/** A catalog's definitions, to be compared with others. */
export function definitionsOf(catalog: Catalog): readonly Definition[] {
  return catalog.services.map((service) => definitionSchema.parse(renderDefinition(service)));
}

/** What happened to one service between two catalogs. */
export interface Change {
  /** Its name; with its id behind a slash where it is one of several instances. */
  readonly service: string;
  readonly team: string;
  readonly kind: "added" | "changed" | "removed";
  /** What differs, field by field, in the platform's words: `port 8216 → 8217`; where it stands if added or removed. */
  readonly words: readonly string[];
}

/** Every difference between two catalogs, by the services' names; [] where nothing differs. Pure. */
export function changesBetween(before: readonly Definition[], after: readonly Definition[]): readonly Change[] {
  const old = new Map(before.map((each) => [kvSubkey(each), each]));
  const now = new Map(after.map((each) => [kvSubkey(each), each]));
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  return names.flatMap((service): readonly Change[] => {
    const [was, is] = [old.get(service), now.get(service)];
    const team = (is ?? was)?.meta.team ?? "";
    if (is === undefined) return was === undefined ? [] : [{ service, team, kind: "removed", words: [placeOf(was)] }];
    if (was === undefined) return [{ service, team, kind: "added", words: [placeOf(is)] }];
    const words = differences(was, is);
    return words.length === 0 ? [] : [{ service, team, kind: "changed", words }];
  });
}

/** The differences between two catalogs' dynamic services, of which nothing but their names is declared. */
export function dynamicChanges(before: readonly Named[], after: readonly Named[]): readonly Change[] {
  const words = ["its instances register themselves"];
  const missing = (from: readonly Named[], names: readonly Named[], kind: "added" | "removed") =>
    names
      .filter(({ name }) => !from.some((other) => other.name === name))
      .map(({ name, team }): Change => ({ service: name, team, kind, words }));
  return [...missing(before, after, "added"), ...missing(after, before, "removed")];
}

/** A dynamic service, as far as a comparison reads it. */
export interface Named {
  readonly name: string;
  readonly team: string;
}

/** One change on one line: `billing_service: port 8216 → 8217; check interval 10s → 5s`. */
export function sentence({ service, team, kind, words }: Change): string {
  if (kind === "changed") return `${service}: ${words.join("; ")}`;
  const owner = team === "" ? "" : ` of ${team}`;
  return `${kind === "added" ? "+" : "-"} ${service}${owner} ${kind}, ${words.join("; ")}`;
}

function placeOf(definition: Definition): string {
  const { address, port, checks } = definition;
  const checked = checks.map((check) => kindOf(check, definition)).join(" and ");
  return `${address}:${port}, ${checked === "" ? "not checked" : checked}`;
}

/** A check's id is its service's, a colon and its name. */
function kindOf({ id }: Check, service: Definition): string {
  return `${id.slice(service.id.length + 1)} check`;
}

function differences(was: Definition, is: Definition): readonly string[] {
  return [
    ...field("address", was.address, is.address),
    ...field("port", was.port, is.port),
    ...tagged(was.tags, is.tags),
    ...keyed("meta ", was.meta, is.meta),
    ...keyed("weight ", was.weights ?? {}, is.weights ?? {}),
    ...checked(was, is),
  ];
}

function field(name: string, was: unknown, is: unknown): readonly string[] {
  return isDeepStrictEqual(was, is) ? [] : [`${name} ${show(was)} → ${show(is)}`];
}

function tagged(was: readonly string[], is: readonly string[]): readonly string[] {
  const words = [
    ...is.filter((tag) => !was.includes(tag)).map((tag) => `+${show(tag)}`),
    ...was.filter((tag) => !is.includes(tag)).map((tag) => `-${show(tag)}`),
  ];
  if (words.length > 0) return [`tags ${words.join(" ")}`];
  return was.join("\n") === is.join("\n") ? [] : ["tags in another order"];
}

function keyed(
  what: string,
  was: Readonly<Record<string, unknown>>,
  is: Readonly<Record<string, unknown>>,
): readonly string[] {
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return names.flatMap((name) => {
    if (!Object.hasOwn(was, name)) return [`${what}+${name} ${show(is[name])}`];
    if (!Object.hasOwn(is, name)) return [`${what}-${name}`];
    return field(`${what}${name}`, was[name], is[name]);
  });
}

function checked(was: Definition, is: Definition): readonly string[] {
  const gone = was.checks.filter(({ id }) => !is.checks.some((check) => check.id === id));
  const come = is.checks.filter(({ id }) => !was.checks.some((check) => check.id === id));
  return [
    ...gone.map((check) => `-${kindOf(check, was)}`),
    ...come.map((check) => `+${kindOf(check, is)}`),
    ...is.checks.flatMap((check) => {
      const old = was.checks.find(({ id }) => id === check.id);
      const what = is.checks.length === 1 ? "check " : `${kindOf(check, is)} `;
      return old === undefined ? [] : keyed(what, moved(old, was, is), withoutName(check));
    }),
  ];
}

/** The check as it would be if only the service's place had changed: what follows from that is not said again. */
function moved(check: Check, was: Definition, is: Definition): Readonly<Record<string, unknown>> {
  const place = ({ address, port }: Definition) =>
    address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  const entries = Object.entries(withoutName(check));
  const follows = (name: string, value: unknown) =>
    (name === "http" || name === "tcp" || name === "grpc") && typeof value === "string"
      ? value.replace(place(was), place(is))
      : value;
  return Object.fromEntries(entries.map(([name, value]) => [name, follows(name, value)]));
}

/** A check's name is made of its other fields. */
function withoutName({ name: _, ...rest }: Check): Readonly<Record<string, unknown>> {
  return rest;
}

/** The longest value that is told whole. */
const LONGEST_TOLD = 200;

/** On one line, with what could be mistaken for something else in quotes; of a long text its beginning and its hash. */
function show(value: unknown): string {
  const text = typeof value === "string" && /^[\w.:/@%+-]+$/.test(value) ? value : JSON.stringify(value);
  if (text.length <= LONGEST_TOLD) return text;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8);
  return `${text.slice(0, 40)}… (${text.length} characters, sha256 ${hash})`;
}
