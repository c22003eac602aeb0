import { basename, dirname, join, resolve } from "node:path";
import type * as z from "zod";
import type { Place } from "../catalog/problem.js";
import { UserError } from "../user-error.js";
import { refuseMisspelt } from "./misspelt.js";
import { refuseProblems, type SettingsProblem, shown } from "./problems.js";
import { readSettingsFile, SETTINGS_FILE, type SettingsFile } from "./settings-file.js";
import { type Declaration, declarationOf, KEYS, type Key, TABLE } from "./table.js";
import { SECRET } from "./values.js";

/** A whole environment, as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the settings are, all but what follows from several of them. */
export type Values = Readonly<z.output<typeof TABLE>>;

/** A setting, and where its value is from. */
export interface InEffect {
  readonly key: Key;
  readonly declaration: Declaration;
  /** As the file has it, or would have it; undefined where nothing says it and it has no default. */
  readonly given: unknown;
  readonly source: "variable" | "file" | "default";
  /** Where it is in the file. @default - not from a file */
  readonly place?: Place | undefined;
}

/** The settings in effect, with their sources. */
export interface Settled {
  readonly values: Values;
  readonly settings: ReadonlyMap<Key, InEffect>;
  /** The settings file that was read. @default - none */
  readonly file?: SettingsFile | undefined;
}

/**
 * Each setting from its variable, or the settings file, or its default.
 * @throws UserError with every variable that is misspelt, else with every mistake in the file, else with every value that
 * a setting does not take
 */
export function settle(env: Environment): Settled {
  refuseMisspelt(env);
  const file = readSettingsFile(env);
  const found = KEYS.map((key) => inEffect(key, env, file));
  const settings = new Map(withOwnFolders(found, file).map((each) => [each.key, each]));
  const parsed = TABLE.safeParse(Object.fromEntries([...settings].map(([key, { given }]) => [key, given])), {
    reportInput: false,
  });
  if (parsed.success) return { values: parsed.data, settings, file };
  refuseProblems(problemsOf(parsed.error.issues, settings, file));
  throw new Error("settings were refused without a problem");
}

/** A setting for a message: its variable, or with a settings file its name there, with the line where it is in it. */
export function nameIn({ settings, file }: Settled, key: Key): string {
  const { name, variable } = declarationOf(key);
  const { source, place } = settings.get(key) ?? {};
  if (place !== undefined) return `${name} (${place.file}:${place.line})`;
  return source === "variable" || file === undefined ? variable : name;
}

function inEffect(key: Key, env: Environment, file: SettingsFile | undefined): InEffect {
  const declaration = declarationOf(key);
  const text = env[declaration.variable] || undefined;
  if (text !== undefined) return { key, declaration, given: declaration.fromText(text), source: "variable" };
  if (file?.given.has(key) === true)
    return { key, declaration, given: file.given.get(key), source: "file", place: file.locate(key) };
  const usual = declaration.default;
  return { key, declaration, given: usual && declaration.fromText(usual), source: "default" };
}

/**
 * Of a second file, the default folders are not the project's: they hold another platform.
 * @throws UserError where it says no state folder
 */
function withOwnFolders(found: readonly InEffect[], file: SettingsFile | undefined): readonly InEffect[] {
  if (file?.isOther !== true) return found;
  const state = found.find(({ key }) => key === "stateFolder");
  const own = join(dirname(file.file), basename(file.file).replace(/\.ya?ml$/, ""), "state");
  if (state === undefined || state.source === "default")
    throw new UserError(
      `${file.file} says no state.folder, and the default one is the folder of the platform of ${SETTINGS_FILE}`,
      `Give this platform a folder of its own, relative to the file: \`state: { folder: ${join(basename(dirname(own)), "state")} }\`.`,
    );
  const folder = resolve(String(state.given));
  const outdir = join(dirname(folder), "cdktf.out", basename(folder));
  return found.map((each) => (each.key === "outdir" && each.source === "default" ? { ...each, given: outdir } : each));
}

/** The schema's complaints in the words of the person who gave the settings, one a setting. */
function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  settings: ReadonlyMap<Key, InEffect>,
  file: SettingsFile | undefined,
): readonly SettingsProblem[] {
  const faulty = [...settings.values()].flatMap((setting) => {
    const issue = issues.find(({ path: [key] }) => key === setting.key);
    return issue === undefined ? [] : [{ setting, issue }];
  });
  return faulty.map(({ setting: { key, declaration, given, source }, issue }) => {
    const { name, variable, takes, takesText } = declaration;
    const inner = issue.path.slice(1);
    const part: unknown = Array.isArray(given) && typeof inner[0] === "number" ? given[inner[0]] : given;
    const isFromFile = source === "file";
    return {
      place: isFromFile ? file?.locate(key, inner) : undefined,
      message: `${isFromFile ? name : variable} ${issue.message === SECRET ? SECRET : `is ${shown(isFromFile ? part : textOf(part))}`}`,
      remedy: `It takes ${isFromFile ? takes : (takesText ?? takes)}.`,
    };
  });
}

/** A value as the variable would say it. */
export function textOf(given: unknown): string {
  if (Array.isArray(given)) return given.join(",") || "none";
  if (typeof given === "boolean") return given ? "on" : "off";
  return String(given ?? "") || "none";
}

/**
 * The variables that shape what `up` applies and are given, by the environment or the file, in the variables' words. They
 * hold no secret.
 */
export function keptOf({ settings }: Settled): Readonly<Record<string, string>> {
  const given = [...settings.values()].filter(
    ({ declaration, source }) => declaration.kind === "platform" && source !== "default",
  );
  return Object.fromEntries(given.map((each) => [each.declaration.variable, textOf(each.given)]));
}
