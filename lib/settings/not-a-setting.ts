import type { YamlSource } from "../catalog/yaml-source.js";
import { nearest } from "../nearest-word.cjs";
import { type SettingsProblem, shown } from "./problems.js";
import { declarationOf, GROUPS, isInFile, KEYS, OUTSIDE } from "./table.js";
import { hasSecretKey } from "./values.js";

/**
 * Why a name of a settings file is none of its settings, and which one is meant. Pure.
 * @param path the name, group first
 * @param value what stands there
 */
export function notASetting(path: readonly string[], value: unknown, source: YamlSource): SettingsProblem {
  const name = path.join(".");
  const told = /^[\w.<-]{1,80}$/.test(name) && !hasSecretKey(name) ? name : shown(name);
  const [group = "", inner] = path;
  if (inner === undefined && Object.hasOwn(GROUPS, group))
    return {
      place: source.locate(path, "value"),
      message: `${name} is ${shown(value)}`,
      remedy: `It takes ${membersOf(group).join(", ")}.`,
    };
  const place = source.locate(path, "key");
  const refused = refusedIn(name);
  if (refused !== undefined)
    return {
      place,
      message: `${told} belongs to one ${refused.kind} and is no setting of a file`,
      remedy: `Remove it here, and set the variable ${refused.variable}.`,
    };
  return { place, message: `${told} is no setting`, remedy: suggestion(path) };
}

/** The setting of a run or of a machine that is meant by this name. */
function refusedIn(name: string): { readonly kind: string; readonly variable: string } | undefined {
  const declared = KEYS.map(declarationOf).filter((each) => !isInFile(each));
  const named = [...declared, ...OUTSIDE].map(({ kind, variable, name, ...each }) => ({
    ...{ kind, variable },
    words: [name, variable, ...("alsoCalled" in each ? (each.alsoCalled ?? []) : [])],
  }));
  return named.find(({ words }) => words.some((word) => word.toLowerCase() === name.toLowerCase()));
}

function suggestion(path: readonly string[]): string {
  if (path.at(-1) === "<<") return "Write the values out: merge keys are not read.";
  const names = KEYS.map(declarationOf).filter(isInFile);
  const last = path.at(-1) ?? "";
  const [group = ""] = path;
  const [outer, inner] = group.split(".");
  if (path.length === 1 && names.some(({ name }) => name === group) && inner !== undefined)
    return `Write it in two lines, "${outer}:" and indented below it "${inner}:".`;
  const variable = `ROLLCALL_${last.replace(/^ROLLCALL_/i, "").toUpperCase()}`;
  const meant =
    nearInGroup(group, path.length === 1 ? undefined : last) ??
    names.find((each) => each.variable === variable)?.name ??
    names.find((each) => each.name.split(".").at(-1) === last.toLowerCase())?.name ??
    nearest(
      path.join("."),
      names.map((each) => each.name),
    );
  if (meant !== undefined) return `Did you mean ${meant}?`;
  const known = path.length === 1 ? topNames() : membersOf(group);
  return known.length === 0
    ? "docs/reference/settings.md lists every setting."
    : `The settings here are ${known.join(", ")}.`;
}

/** The member of a group that was misspelt; of a top name, another top name. */
function nearInGroup(group: string, inner: string | undefined): string | undefined {
  if (inner === undefined) return nearest(group, topNames());
  const found = nearest(inner, membersOf(group));
  return found === undefined ? undefined : `${group}.${found}`;
}

function topNames(): readonly string[] {
  return [
    ...new Set(
      KEYS.map(declarationOf)
        .filter(isInFile)
        .map(({ name }) => name.split(".")[0] ?? ""),
    ),
  ];
}

function membersOf(group: string): readonly string[] {
  const names = KEYS.map(declarationOf)
    .filter(isInFile)
    .map(({ name }) => name.split("."));
  return names.flatMap(([first, second]) => (first === group && second !== undefined ? [second] : []));
}
