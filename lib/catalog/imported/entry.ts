import { cut, oneLine } from "../../printable.js";
import { meta as metaSchema, tags as tagsSchema } from "../fields.js";
import { hostPort } from "../host-port.js";
import { type CheckEntry, checkEntryOf } from "./imported-check.js";
import type { Registration } from "./registration.js";
import { type Examined, together } from "./together.js";

/** A service as a file of the catalog has it. */
export interface Entry {
  /** Undefined where none of its instances could be written. */
  readonly value?: Readonly<Record<string, unknown>>;
  /** What a person has to answer, each with the instance where there are several. */
  readonly notes: readonly string[];
  /** Instances that are not written, each with why. */
  readonly left: readonly string[];
}

/** What a catalog says of the instances of one service. What was critical is checked, or left out: it never counts as healthy. */
export function entryOf(instances: readonly Registration[]): Entry {
  const examined = instances.map(examine);
  const unsafe = examined.flatMap((each) => ("unsafe" in each ? [`${each.name}: ${each.unsafe}`] : []));
  const { kept, checks, notes, left } = together(examined.flatMap((each) => ("unsafe" in each ? [] : [each])));
  const [first] = kept;
  if (first === undefined) return { notes: [], left: [...unsafe, ...left] };
  const places = kept.map(({ registration }) => placeOf(registration));
  const said = byInstance(kept.map(({ registration: { id }, notes: own }) => [id, own]));
  const lost = byInstance(kept.map(({ registration: { id } }, index) => [id, places[index]?.notes ?? []]));
  const [check, ...further] = checks;
  const why = said.length === 0 ? "Consul had no check of it" : said.join("; ");
  const all = [...notes, ...(check === undefined ? [`nothing checks it here: ${why}`] : said), ...lost];
  const value = {
    ...placesOf(
      kept,
      places.map((place) => place.value),
    ),
    check: check ?? { kind: "none", reason: oneLine(`imported, and ${why}`, 400) },
    ...(further.length === 0 ? {} : { checks: named(further) }),
  };
  return { value, notes: all, left: [...unsafe, ...left] };
}

/** Each note once; with the instance where not all have it. */
function byInstance(told: readonly (readonly [id: string, notes: readonly string[]])[]): readonly string[] {
  const all = [...new Set(told.flatMap(([, notes]) => notes))];
  return all.flatMap((note) => {
    const ids = told.filter(([, notes]) => notes.includes(note)).map(([id]) => id);
    return ids.length === told.length ? [note] : ids.map((id) => `${id}: ${note}`);
  });
}

function named(further: readonly CheckEntry[]) {
  return Object.fromEntries(further.map((each, index) => [`${each.kind}-${index + 2}`, each]));
}

interface Unsafe {
  readonly name: string;
  readonly unsafe: string;
}

/** What is known of an instance's checks; or why it must not be written. */
function examine(registration: Registration): Examined | Unsafe {
  const { id, name, kind } = registration;
  const title = `${id === name ? name : `${name}, instance ${id}`} at ${hostPort(registration)}`;
  if (kind !== "") return { name: title, unsafe: `it is a ${kind}, and a catalog has plain services alone` };
  const told = registration.checks
    // That its node is alive is what every node has.
    .filter(({ ofNode, status }) => ofNode !== SERF || status !== "passing")
    .map(({ status, ...rest }) => ({ status, ...checkEntryOf({ status, ...rest }, registration) }));
  const unseen = told.filter(
    ({ status, check }) => check === undefined && status !== "passing" && status !== "warning",
  );
  if (unseen.length > 0) {
    const why = unseen.flatMap(({ notes }) => notes).join("; ");
    return { name: title, unsafe: `it is critical, and would count as healthy here: ${why}` };
  }
  const warned = told.some(({ status, check }) => check === undefined && status === "warning");
  return {
    registration,
    name: title,
    checks: told.flatMap(({ check }) => check ?? []),
    notes: [
      ...told.flatMap(({ notes }) => notes),
      ...(warned ? ["it warned when it was read, and does not here"] : []),
    ],
  };
}

/** The check that every node has. */
const SERF = "serfHealth";

/** The fields of an instance that a catalog takes, and what of them it does not. */
function placeOf({ address, port, tags, meta, weights }: Registration) {
  const { team: _, ...pairs } = meta;
  const taken = tags.filter((tag) => tagsSchema.safeParse([tag]).success);
  const kept = Object.entries(pairs).filter(([key, value]) => metaSchema.safeParse({ [key]: value }).success);
  const lost = [
    ...tags.filter((tag) => !taken.includes(tag)).map((tag) => `the tag ${JSON.stringify(cut(tag, 80))}`),
    ...Object.keys(pairs)
      .filter((key) => !kept.some(([other]) => other === key))
      .map((key) => `the meta ${JSON.stringify(cut(key, 80))}`),
  ];
  const value = {
    address,
    port,
    ...(weights.passing === 1 && weights.warning === 1 ? {} : { weights }),
    ...(taken.length === 0 ? {} : { tags: taken }),
    ...(kept.length === 0 ? {} : { meta: Object.fromEntries(kept) }),
  };
  return { value, notes: lost.map((what) => `${what} is left out: a catalog does not take it`) };
}

/** Where a service stands: its own fields where it has one instance of its name; else what all have in common, once. */
function placesOf(kept: readonly Examined[], places: readonly Readonly<Record<string, unknown>>[]) {
  const [first = {}] = places;
  const instances = kept.map(({ registration }) => registration);
  const [only] = instances;
  if (instances.length === 1 && only?.id === only?.name) return first;
  const common = Object.keys(first).filter((field) =>
    places.every((place) => JSON.stringify(place[field]) === JSON.stringify(first[field])),
  );
  const own = (place: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(place).filter(([field]) => !common.includes(field)));
  return {
    ...Object.fromEntries(common.map((field) => [field, first[field]])),
    instances: instances.map(({ id }, index) => ({ id, ...own(places[index] ?? {}) })),
  };
}
