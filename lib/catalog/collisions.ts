import { hostPort } from "./checks/common";
import type { Problem } from "./problem";
import type { Declared, TeamFile } from "./team-file";

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
    ...repeats(
      services,
      (service) => hostPort(service).toLowerCase(),
      (service, first) => ({
        message: `${service.name} has the address ${hostPort(service)}, which is taken at ${first}`,
        remedy: "give one of them another port or address",
      }),
    ),
  ];
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
