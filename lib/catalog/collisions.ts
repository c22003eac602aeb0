import { aliasFaults } from "./alias-faults.js";
import { dnsName } from "./discoverable.js";
import { canonicalHost } from "./host.js";
import { hostPort } from "./host-port.js";
import type { CatalogProblem, Place } from "./problem.js";
import type { Declared, TeamFile } from "./team-file.js";
import type { Service } from "./types.js";

/**
 * The problems that show only with all files in view: a team, a name or an address and port declared twice. What stands
 * in two files is told in both: the owner of one may not look into the other's.
 */
export function collisions(files: readonly TeamFile[]): readonly CatalogProblem[] {
  return found(files).flatMap(({ first, ...second }) =>
    first === undefined || first.file === second.file ? [second] : [second, first],
  );
}

/** The same, each told once: where it stands for the second time, so that the first may stay. */
export function laterOnes(files: readonly TeamFile[]): readonly CatalogProblem[] {
  return found(files).map(({ first: _, ...second }) => second);
}

interface Collision extends CatalogProblem {
  /** The same as it is told where it stands for the first time. */
  readonly first?: CatalogProblem;
}

function found(files: readonly TeamFile[]): readonly Collision[] {
  const teams = files.flatMap(({ team }) => team ?? []);
  const names = files.flatMap((file) => file.names);
  const services = files.flatMap((file) => file.services);
  return [
    ...repeats(
      teams,
      (team) => team,
      (team, other, word) => ({
        message: `the team ${team} has ${word === "again" ? "another file" : "a file already"}, ${other}`,
        remedy: "move the services there or rename the team",
      }),
    ),
    ...repeats(
      names,
      (name) => name,
      (name, other, word) => ({
        message: `${name} is declared ${word}, at ${other}`,
        remedy: "remove or rename one of them",
      }),
    ),
    ...sameInDns(names),
    ...repeats(
      services.filter(({ what }) => what.id !== what.name),
      ({ id }) => id,
      ({ id }, other, word) => ({
        message: `the id ${id} is declared ${word}, at ${other}`,
        remedy: "give one of them another id",
      }),
    ),
    ...ids(services, names),
    ...aliasFaults({ services, dynamic: files.flatMap((file) => file.dynamic), names }),
    ...repeats(
      services,
      ({ address, port }) => `${canonicalHost(address)} ${port}`,
      (service, other) => ({
        message: `${service.name} has the address ${hostPort(service)}, which is taken at ${other}`,
        remedy: "give one of them another port or address",
      }),
    ),
  ];
}

/** Two services with one name in DNS, which knows no `_`. */
function sameInDns(names: readonly Declared<string>[]): readonly Collision[] {
  const firstOf = new Map<string, Declared<string>>();
  for (const name of names) if (!firstOf.has(dnsName(name.what))) firstOf.set(dnsName(name.what), name);
  return names.flatMap(({ what, at }) => {
    const first = firstOf.get(dnsName(what));
    if (first === undefined || first.what === what) return [];
    return atBoth(first.at, at, (other, word) => {
      const [own, its] = word === "again" ? [first.what, what] : [what, first.what];
      return { message: `${own} is ${dnsName(own)} in DNS, as ${its} at ${other} is`, remedy: "rename one of them" };
    });
  });
}

/** An instance with the name of another service: Consul would have two of one id. */
function ids(services: readonly Declared<Service>[], names: readonly Declared<string>[]): readonly Collision[] {
  const declared = new Map(names.map((name) => [name.what, name]));
  return services.flatMap(({ what: { id, name }, at }) => {
    const other = id === name ? undefined : declared.get(id);
    if (other === undefined) return [];
    return atBoth(other.at, at, (place, word) => ({
      message: `${word === "again" ? `${id} is an instance's id too` : `the id ${id} is a service's name`}, at ${place}`,
      remedy: "give the instance another id",
    }));
  });
}

type Complaint = Pick<CatalogProblem, "message" | "remedy">;

function repeats<T>(
  declared: readonly Declared<T>[],
  key: (what: T) => string,
  complain: (what: T, other: string, word: "already" | "again") => Complaint,
): readonly Collision[] {
  const firsts = new Map<string, Declared<T>>();
  return declared.flatMap((one) => {
    const first = firsts.get(key(one.what));
    if (first === undefined) firsts.set(key(one.what), one);
    return first === undefined
      ? []
      : atBoth(first.at, one.at, (other, word) => complain(word === "again" ? first.what : one.what, other, word));
  });
}

function atBoth(
  first: Place,
  second: Place,
  complain: (other: string, word: "already" | "again") => Complaint,
): readonly Collision[] {
  return [
    {
      ...second,
      ...complain(`${first.file}:${first.line}`, "already"),
      first: { ...first, ...complain(`${second.file}:${second.line}`, "again") },
    },
  ];
}
