import { nearest } from "../nearest-word.cjs";
import type { CatalogProblem, Place } from "./problem.js";
import type { Declared } from "./team-file.js";
import type { DynamicService, Service } from "./types.js";

/** The most of one kind that are reported or get a proposal: each takes a search of the whole catalog. */
const MOST = 20;

/** What the files declare, as far as aliases are concerned. */
export interface AliasTargets {
  /** The services without a mistake. */
  readonly services: readonly Declared<Service>[];
  readonly dynamic: readonly Declared<DynamicService>[];
  /** The names of all services, also of those with a mistake. */
  readonly names: readonly Declared<string>[];
}

/** The alias checks that could never pass, or never fail, whatever the service is that they name. */
export function aliasFaults({ services, dynamic, names }: AliasTargets): readonly CatalogProblem[] {
  const aliases = services.flatMap(({ what, at, within }) =>
    what.checks.flatMap(({ name, check }) =>
      check.kind === "alias" ? [{ from: what, to: check.service, at: within?.(name) ?? at }] : [],
    ),
  );
  return [...unknownOnes(aliases, { services, dynamic, names }), ...circles(aliases), ...unfailing(aliases, services)];
}

interface Alias {
  readonly from: Service;
  /** The id that it names. */
  readonly to: string;
  readonly at: Place;
}

/** Aliases of themselves, of undeclared services, and of services without an instance that Consul checks. */
function unknownOnes(aliases: readonly Alias[], { services, dynamic, names }: AliasTargets): readonly CatalogProblem[] {
  const ids = services.map(({ what }) => what.id);
  // Of several instances the first: a later pair of the same key would win.
  const idOf = new Map([...services].reverse().map(({ what }) => [what.name, what.id]));
  // A service with a mistake of its own is declared all the same.
  const known = new Set([...ids, ...names.flatMap(({ what }) => (idOf.has(what) ? [] : [what]))]);
  const registersItself = new Set(dynamic.map(({ what }) => what.name));
  const wrong = aliases.filter(({ from, to }) => to === from.id || registersItself.has(to) || !known.has(to));
  return wrong.map(({ from, to, at }, index) => {
    const has = `${from.id} has an alias check of`;
    if (registersItself.has(to))
      return {
        ...at,
        message: `${has} ${to}, which is dynamic: the catalog registers no instance that it could follow, so it would never pass`,
        remedy: `give ${from.name} a check of its own, or declare the instances of ${to} here`,
      };
    const meant =
      idOf.get(to) ?? (index < MOST ? (nearest(to, ids) ?? ids.find((id) => id.startsWith(to))) : undefined);
    return {
      ...at,
      message: to === from.id ? `${has} itself` : `${has} ${to}, and no service or instance has that id`,
      remedy: meant === undefined || meant === from.id ? "name a service of the catalog" : `did you mean ${meant}?`,
    };
  });
}

/** Aliases that come back to where they began, each where it stands. */
function circles(aliases: readonly Alias[]): readonly CatalogProblem[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of aliases) targets.set(from.id, [...(targets.get(from.id) ?? []), to]);
  const byEnds = new Map(aliases.map((alias) => [`${alias.from.id} ${alias.to}`, alias]));
  return circlesIn(targets).flatMap((circle) =>
    circle.slice(0, MOST).flatMap((id, index) => {
      const way = [...circle.slice(index), ...circle.slice(0, index), id];
      const told = way.length > MOST ? [...way.slice(0, MOST), "…"] : way;
      const alias = byEnds.get(`${id} ${way[1] ?? id}`);
      return alias === undefined
        ? []
        : {
            ...alias.at,
            message: `${told.join(", an alias of ")} go in a circle, so none of them would ever pass`,
            remedy: "give one of them a check of its own",
          };
    }),
  );
}

/** Circles of more than one, each as the ids along it. Every id is entered once: aliases that branch have many ways. */
function circlesIn(targets: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const found: (readonly string[])[] = [];
  const left = new Set<string>();
  const way = new Map<string, Iterator<string>>();
  const enter = (id: string) => way.set(id, (targets.get(id) ?? []).values());
  for (const start of targets.keys()) {
    // A loop and no recursion: a chain of aliases may be longer than the stack is deep.
    const stack = left.has(start) ? [] : [start];
    if (stack.length > 0) enter(start);
    for (let id = stack.at(-1); id !== undefined; id = stack.at(-1)) {
      const next = way.get(id)?.next();
      if (next === undefined || next.done === true) {
        stack.pop();
        way.delete(id);
        left.add(id);
      } else if (way.has(next.value)) {
        if (next.value !== id && found.length < MOST) found.push(stack.slice(stack.indexOf(next.value)));
      } else if (!left.has(next.value)) {
        stack.push(next.value);
        enter(next.value);
      }
    }
  }
  return found;
}

/** Aliases of services without a check: Consul would show them as passing for ever, without a reason. */
function unfailing(aliases: readonly Alias[], services: readonly Declared<Service>[]): readonly CatalogProblem[] {
  const unchecked = new Set(
    services.flatMap(({ what: { id, checks } }) => (checks.every(({ check }) => check.kind === "none") ? [id] : [])),
  );
  return aliases
    .filter(({ to }) => unchecked.has(to))
    .map(({ from, to, at }) => ({
      ...at,
      message: `${from.id} has an alias check of ${to}, which nothing checks, so it would always pass`,
      remedy: `give ${to} a check, or write kind: none with a reason here too`,
    }));
}
