import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { printable } from "../printable.js";
import { PROBER } from "../prober.js";
import type { CheckOf } from "./declared.js";
import { type Described, differingFields, type Field } from "./differing-fields.js";
import { isMapping } from "./explain.js";
import { hostPort } from "./host-port.js";
import { DEREGISTER_AFTER } from "./resolve.js";
import { NOT_SHOWN, namesSecret, withoutSecrets } from "./secret.js";

/** Where a service stands, and what kinds of checks it has where that is known. */
export function placeOf(definition: Described): string {
  if (definition.checks === undefined) return hostPort(definition);
  const kinds = definition.checks.map((check) => kindOf(check, definition)).join(" and ");
  return `${hostPort(definition)}, ${kinds === "" ? "not checked" : kinds}`;
}

/** All that a service is: its place first, then every field and everything that its checks ask. */
export function everything(definition: Described, whyUnchecked?: string): readonly string[] {
  const { tags, meta, weights = {}, checks = [] } = definition;
  const { team: _, ...own } = meta;
  const reason = whyUnchecked === undefined ? "" : `, not checked: ${shown(whyUnchecked)}`;
  return [
    checks.length === 0 ? (reason === "" ? placeOf(definition) : hostPort(definition) + reason) : hostPort(definition),
    ...checks.flatMap((check) => asked(check, definition)),
    ...(tags.length === 0 ? [] : [`tags ${tags.map(shown).join(" ")}`]),
    ...Object.entries(own).map(([name, value]) => `meta ${named(name)} ${shown(value)}`),
    ...Object.entries(weights).map(([name, value]) => `weight ${named(name)} ${shown(value)}`),
  ];
}

/** What differs between two definitions of one service; [] where they are the same. */
export function differences(was: Described, is: Described): readonly string[] {
  const words = differingFields(was, is).flatMap(({ field }) => WORDS[field](was, is));
  // KV holds text, and the stack changes with it. What Consul's catalog has is no such text.
  const areTexts = was.checks !== undefined && is.checks !== undefined;
  const isSame = words.length > 0 || !areTexts || JSON.stringify(was) === JSON.stringify(is);
  return isSame ? words : ["the same fields, written in another order"];
}

/** How a difference in each field is worded. */
const WORDS: Readonly<Record<Field, (was: Described, is: Described) => readonly string[]>> = {
  node: (was, is) => field("node", was.node, is.node),
  id: (was, is) => field("id", was.id, is.id),
  name: (was, is) => field("name", was.name, is.name),
  address: (was, is) => field("address", was.address, is.address),
  port: (was, is) => field("port", was.port, is.port),
  tags: (was, is) => tagged(was.tags, is.tags),
  meta: (was, is) => [
    ...field("team", was.meta.team, is.meta.team),
    ...keyed("meta ", withoutTeam(was.meta), withoutTeam(is.meta)),
  ],
  weights: (was, is) => keyed("weight ", was.weights ?? {}, is.weights ?? {}),
  checks: checked,
};

function withoutTeam({ team: _, ...rest }: Described["meta"]): Described["meta"] {
  return rest;
}

/** A check's id is its service's, a colon and its name. */
function kindOf({ id }: CheckOf, service: Described): string {
  return `${id.slice(service.id.length + 1)} check`;
}

/** What a check asks, in the order in which a person wants to know it; headers and body on lines of their own. */
function asked(check: CheckOf, service: Described): readonly string[] {
  const kind = kindOf(check, service);
  const { http, tcp, grpc, method, deregister_critical_service_after: after, ...rest } = fieldsOf(check);
  const target = [method, http ?? tcp ?? grpc].filter((part) => part !== undefined).map(shown);
  const long = (name: string) => name.startsWith("header ") || name === "body";
  const short = Object.entries(rest).filter(([name, value]) => !long(name) && value !== USUAL[name]);
  const reaped = after === undefined ? "never deregistered" : `deregistered after ${shown(after)}`;
  const first = [
    ...(target.length === 0 ? [] : [target.join(" ")]),
    ...short.map(([name, value]) => `${name} ${shown(value)}`),
    ...(after === DEREGISTER_AFTER ? [] : [reaped]),
  ];
  return [
    `${kind}: ${first.join(", ")}`,
    ...Object.entries(rest)
      .filter(([name]) => long(name))
      .map(([name, value]) => `${kind} ${name} ${shownOf(name, value)}`),
  ];
}

/** What an HTTP check does with an answer where the catalog does not say otherwise: of an added one it is not told. */
const USUAL: Readonly<Record<string, unknown>> = { redirects: "refused", answer: "withheld" };

/** A check's fields, each header for itself; without its id, and without its name, which is made of the others. */
function fieldsOf({ id: _, name: __, header, disable_redirects, output_max_size, ...rest }: CheckOf) {
  const headers = isMapping(header) ? Object.entries(header) : [];
  const value = (texts: unknown) => (Array.isArray(texts) && texts.length === 1 ? texts[0] : texts);
  const fields: Readonly<Record<string, unknown>> = {
    ...rest,
    ...(typeof rest.http === "string" ? answered(rest.http, disable_redirects, output_max_size) : {}),
    ...Object.fromEntries(headers.map(([key, texts]) => [`header ${key}`, value(texts)])),
  };
  return fields;
}

/** Consul's two fields in the platform's words; what the prober says is its own, and has no bound. */
function answered(http: string, disableRedirects: unknown, outputMaxSize: unknown) {
  const isProbed = http.startsWith(`http://${PROBER.host}:${PROBER.port}/`);
  const answer =
    outputMaxSize === undefined ? "published" : outputMaxSize === 1 ? USUAL.answer : `its last ${outputMaxSize} bytes`;
  return {
    redirects: disableRedirects === true ? USUAL.redirects : "followed",
    answer: isProbed && outputMaxSize === undefined ? USUAL.answer : answer,
  };
}

function checked(was: Described, is: Described): readonly string[] {
  const [before, after] = [was.checks ?? [], is.checks ?? []];
  const gone = before.filter(({ id }) => !after.some((check) => check.id === id));
  return [
    ...gone.map((check) => `-${kindOf(check, was)}`),
    ...after.flatMap((check) => {
      const old = before.find(({ id }) => id === check.id);
      if (old === undefined) return asked(check, is).map((word, index) => (index === 0 ? `+${word}` : word));
      const what = after.length === 1 ? "check " : `${kindOf(check, is)} `;
      const words = keyed(what, moved(old, was, is, fieldsOf(check)), fieldsOf(check));
      return words.length > 0 ? words : field(`${what}name`, old.name, check.name);
    }),
  ];
}

/**
 * A check's fields before, where it asks the new place for what it asked the old one for as if it had always done: what
 * follows from the service's own move is not said again.
 */
function moved(check: CheckOf, was: Described, is: Described, now: Readonly<Record<string, unknown>>) {
  const follows = (name: string, value: unknown) => {
    if (!["http", "tcp", "grpc"].includes(name) || typeof value !== "string") return value;
    const [, before = "", rest = ""] = TARGET.exec(value) ?? [];
    const followed = [hostPort, hostAlone].flatMap((place) =>
      rest.startsWith(place(was)) ? [before + place(is) + rest.slice(place(was).length)] : [],
    );
    return followed.find((elsewhere) => elsewhere === now[name]) ?? value;
  };
  return Object.fromEntries(Object.entries(fieldsOf(check)).map(([name, value]) => [name, follows(name, value)]));
}

/** The host as a check with a port of its own names it. */
function hostAlone(service: Described): string {
  return hostPort({ address: service.address, port: 0 }).replace(/0$/, "");
}

/** What stands before the address of what is asked: nothing, a scheme, or the prober. */
const TARGET = new RegExp(`^((?:https?://(?:${PROBER.host}:${PROBER.port}/[a-z]+/)?)?)(.*)$`, "s");

function field(label: string, was: unknown, is: unknown, name = label): readonly string[] {
  if (isDeepStrictEqual(was, is)) return [];
  const [before, after] = [shownOf(name, was), shownOf(name, is)];
  return [before === after ? `${label} changed, and may be a secret ${NOT_SHOWN}` : `${label} ${before} → ${after}`];
}

function tagged(was: readonly string[], is: readonly string[]): readonly string[] {
  const words = [
    ...is.filter((tag) => !was.includes(tag)).map((tag) => `+${shown(tag)}`),
    ...was.filter((tag) => !is.includes(tag)).map((tag) => `-${shown(tag)}`),
  ];
  if (words.length > 0) return [`tags ${words.join(" ")}`];
  return isDeepStrictEqual(was, is) ? [] : ["tags in another order"];
}

/** What differs between two mappings: `+name value`, `-name` or `name old → new`, each after a word for what they are. */
export function keyed(
  what: string,
  was: Readonly<Record<string, unknown>>,
  is: Readonly<Record<string, unknown>>,
): readonly string[] {
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return names.flatMap((name) => {
    if (!Object.hasOwn(was, name)) return [`${what}+${named(name)} ${shownOf(name, is[name])}`];
    if (!Object.hasOwn(is, name)) return [`${what}-${named(name)}`];
    return field(`${what}${named(name)}`, was[name], is[name], name);
  });
}

/** A field's name: anybody may register a meta key that is none. */
function named(name: string): string {
  return /^(header )?[\w-]+$/.test(name) ? name : shown(name);
}

/** The value of a field; of a header whose name says that it is a secret, only that it is there. */
function shownOf(name: string, value: unknown): string {
  return name.startsWith("header ") && namesSecret(name.slice("header ".length)) ? NOT_SHOWN : shown(value);
}

/** A URL, which has at most 512 characters, is shown whole; a longer text is cut. */
const LONGEST_SHOWN = 520;

/** On one line, with what could be mistaken for something else in quotes; of a long text its beginning and its hash. */
export function shown(value: unknown): string {
  const bare = typeof value === "string" && /^https?:\/\//.test(value) ? withoutSecrets(value) : value;
  const isPlain = typeof bare === "string" && /^[\w.:/@%+?&=~*()-]+$/.test(bare);
  const text = withoutGaps(printable(isPlain ? bare : (JSON.stringify(bare) ?? "none")));
  if (text.length <= LONGEST_SHOWN) return text;
  const hash = createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 8);
  return `${text.slice(0, 200)}… (${text.length} characters, sha256 ${hash})`;
}

/** What stands behind many spaces is out of sight. */
function withoutGaps(text: string): string {
  return text.replace(/ {9,}/g, (gap) => ` (${gap.length} spaces) `);
}
