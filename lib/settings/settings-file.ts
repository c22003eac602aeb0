import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { isMapping } from "../catalog/explain.js";
import type { Place } from "../catalog/problem.js";
import { type Path, parseYaml, type YamlSource } from "../catalog/yaml-source.js";
import { hasCode } from "../error-code.js";
import { UserError } from "../user-error.js";
import { notASetting } from "./not-a-setting.js";
import { asSentence, refuseProblems, type SettingsProblem, shown } from "./problems.js";
import { type Declaration, declarationOf, GROUPS, isInFile, KEYS, type Key } from "./table.js";

/** The settings file of a project, beside its cdktf.json. */
export const SETTINGS_FILE = "rollcall.yaml";

/** A settings file that is YAML and has settings alone. */
export interface SettingsFile {
  /** Its path, from the project where it is below it. */
  readonly file: string;
  /** Whether it is another one than the project's own. */
  readonly isOther: boolean;
  /** What it says, paths made relative to the project. */
  readonly given: ReadonlyMap<Key, unknown>;
  /** Where a setting's value, or a part of it, is. */
  readonly locate: (key: Key, part?: Path) => Place;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings file that is asked for, as a path from the project; undefined for none. */
function settingsFileOf(env: Environment): string | undefined {
  const asked = env.ROLLCALL_CONFIG || SETTINGS_FILE;
  return asked === "none" ? undefined : fromProject(resolve(asked));
}

/**
 * Reads the settings file, where there is one.
 * @returns undefined where there is none
 * @throws UserError with every mistake in it: what is no YAML, and what is no setting
 */
export function readSettingsFile(env: Environment): SettingsFile | undefined {
  const file = settingsFileOf(env);
  const text = file === undefined ? undefined : textOf(file, (env.ROLLCALL_CONFIG ?? "") !== "");
  if (file === undefined || text === undefined) return undefined;
  const { source, problems } = parseYaml(file, text);
  const { given, unknown } = source === undefined ? { given: [], unknown: [] } : settingsIn(source);
  refuseProblems([...problems.map(inOurWords), ...unknown]);
  return {
    file,
    isOther: resolve(file) !== resolve(SETTINGS_FILE),
    given: new Map(given.map(([key, value]) => [key, rebased(declarationOf(key), value, dirname(resolve(file)))])),
    locate: (key, part = []) =>
      source?.locate([...declarationOf(key).name.split("."), ...part], "value") ?? { file, line: 1, column: 1 },
  };
}

function textOf(file: string, isNamed: boolean): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (!hasCode(error, "ENOENT"))
      throw new UserError(
        `The settings file ${file} cannot be read (${String(error).replace(/^Error: /, "")})`,
        "Make it a file that you can read, or name another one (`--config FILE`, ROLLCALL_CONFIG).",
      );
    if (isNamed)
      throw new UserError(
        `There is no settings file ${file}`,
        "Correct `--config` or ROLLCALL_CONFIG, or write the file: docs/reference/settings.md describes it.",
      );
  }
  const near = ["rollcall.yml", ".rollcall.yaml", "rollcall.json"].find((name) => existsSync(name));
  if (near !== undefined)
    throw new UserError(
      `${near} is not read: the settings file is ${SETTINGS_FILE}`,
      `\`mv ${near} ${SETTINGS_FILE}\``,
    );
  return undefined;
}

/** The settings of the file as written, and the entries that are not settings. */
function settingsIn(source: YamlSource): {
  readonly given: readonly (readonly [Key, unknown])[];
  readonly unknown: readonly SettingsProblem[];
} {
  const given: (readonly [Key, unknown])[] = [];
  const unknown: SettingsProblem[] = [];
  const top = source.value ?? {};
  if (!isMapping(top)) {
    const message = `the file is ${shown(top)}`;
    return { given, unknown: [{ place: source.locate([], "value"), message, remedy: "It takes names and values." }] };
  }
  for (const [name, value] of Object.entries(top)) {
    if (!Object.hasOwn(GROUPS, name) || !isMapping(value ?? {})) {
      take([name], value);
      continue;
    }
    for (const [inner, each] of Object.entries(value ?? {})) take([name, inner], each);
  }
  return { given, unknown };

  function take(path: readonly string[], value: unknown): void {
    const key = KEYS.find((each) => isDeepStrictEqual(declarationOf(each).name.split("."), path));
    if (key !== undefined && isInFile(declarationOf(key))) given.push([key, value]);
    // parseYaml reports this one.
    else if (!path.includes("__proto__")) unknown.push(notASetting(path, value, source));
  }
}

/** YAML's own faults, with the words for this file where the catalog's do not fit. */
function inOurWords({ message, remedy, ...place }: Place & { message: string; remedy: string }): SettingsProblem {
  if (message === "a second document begins here")
    return { place, message, remedy: "Write one file a platform, and choose it with `--config`." };
  return { place, message, remedy: asSentence(remedy) };
}

/** A path of the file, seen from the project; of a program only one with a folder in it is a path. */
function rebased({ isPath = false, name }: Declaration, value: unknown, base: string): unknown {
  if (typeof value !== "string" || value === "" || isAbsolute(value)) return value;
  if (isPath && value !== "none") return fromProject(join(base, value));
  // Terraform is started in the folder of each stack.
  return name === "terraform.program" && value.includes("/") ? join(base, value) : value;
}

/** A path as it is written in the project; an absolute one where it is outside. */
function fromProject(path: string): string {
  const inside = relative(process.cwd(), path);
  return inside.startsWith("..") || isAbsolute(inside) ? path : inside || ".";
}
