import { aliasFaults } from "./alias-faults";
import { hostPort } from "./checks/common";
import { dnsName } from "./discoverable";
import { canonicalHost } from "./host";
import type { Problem } from "./problem";
import type { Declared, TeamFile } from "./team-file";
import type { Service } from "./types";

/** The problems that show only with all files in view: a team, a name or an address and port declared twice. */
export function collisions(files: readonly TeamFile[]): readonly Problem[] {
  const teams = files.flatMap(({ team }) => team ?? []);
  const names = files.flatMap((file) => file.names);
  const services = files.flatMap((file) => file.services);
  return [
    ...repeats(
      teams,
      (team) => team,
      (team, first) => ({
        message: `the team ${team} has a file already, ${first}`,
        remedy: "move the services there or rename the team",
      }),
    ),
    ...repeats(
      names,
      (name) => name,
      (name, first) => ({
        message: `${name} is declared already, at ${first}`,
        remedy: "remove or rename one of them",
      }),
    ),
    ...sameInDns(names),
    ...repeats(
      services.filter(({ what }) => what.id !== what.name),
      ({ id }) => id,
      ({ id }, first) => ({
        message: `the id ${id} is declared already, at ${first}`,
        remedy: "give one of them another id",
      }),
    ),
    ...ids(services, names),
    ...aliasFaults({ services, dynamic: files.flatMap((file) => file.dynamic), names }),
    ...repeats(
      services,
      ({ address, port }) => `${canonicalHost(address)} ${port}`,
      (service, first) => ({
        message: `${service.name} has the address ${hostPort(service)}, which is taken at ${first}`,
        remedy: "give one of them another port or address",
      }),
    ),
  ];
}

/** Two services with one name in DNS, which knows no `_`. */
function sameInDns(names: readonly Declared<string>[]): readonly Problem[] {
  const firstOf = new Map<string, Declared<string>>();
  for (const name of names) if (!firstOf.has(dnsName(name.what))) firstOf.set(dnsName(name.what), name);
  return names.flatMap(({ what, at }) => {
    const first = firstOf.get(dnsName(what));
    if (first === undefined || first.what === what) return [];
    const where = `${first.at.file}:${first.at.line}`;
    return [
      {
        ...at,
        message: `${what} is ${dnsName(what)} in DNS, as ${first.what} at ${where} is`,
        remedy: "rename one of them",
      },
    ];
  });
}

/** An instance with the name of another service: Consul would have two of one id. */
function ids(services: readonly Declared<Service>[], names: readonly Declared<string>[]): readonly Problem[] {
  const declared = new Map(names.map((name) => [name.what, name]));
  return services.flatMap(({ what: { id, name }, at }) => {
    const other = id === name ? undefined : declared.get(id);
    if (other === undefined) return [];
    const where = `${other.at.file}:${other.at.line}`;
    return [
      { ...at, message: `the id ${id} is a service's name, at ${where}`, remedy: "give the instance another id" },
    ];
  });
}

function repeats<T>(
  declared: readonly Declared<T>[],
  key: (what: T) => string,
  complain: (what: T, first: string) => { readonly message: string; readonly remedy: string },
): readonly Problem[] {
  const firsts = new Map<string, Declared<T>>();
  return declared.flatMap((one) => {
    const first = firsts.get(key(one.what));
    if (first === undefined) firsts.set(key(one.what), one);
    return first === undefined ? [] : [{ ...one.at, ...complain(one.what, `${first.at.file}:${first.at.line}`) }];
  });
}
