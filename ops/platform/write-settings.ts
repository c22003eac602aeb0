import { existsSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { keptOf, settle } from "../../lib/settings/in-effect.js";
import { SETTINGS_FILE } from "../../lib/settings/settings-file.js";
import { inFile, renderSettingsFile, SETTINGS_SCHEMA } from "../../lib/settings/settings-yaml.js";
import { declarationOf, isInFile, type Key } from "../../lib/settings/table.js";
import { outsideVariable } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { isSomebodyThere, isYes } from "../cli/confirm.js";
import { counted } from "../cli/counted.js";
import { report } from "../cli/progress.js";
import { forgottenOf } from "./forgotten.js";
import type { UpRecord } from "./up-record.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** How a person has the settings file written. */
const WRITE_SETTINGS = "npx rollcall settings --write";

/**
 * What a settings file would say: the variables that are set, and for what they leave out, those that the last `up` had.
 * Those of one run or one machine are in no file. Pure but for the settings file.
 * @param recorded the variables of the last `up`
 */
export function settingsToWrite(
  recorded: Readonly<Record<string, string>>,
  env: Environment = process.env,
): ReadonlyMap<Key, unknown> {
  const set = [...settle(env).settings.values()].filter(
    ({ declaration, source }) => isInFile(declaration) && source === "variable",
  );
  return new Map([...inFile(recorded), ...set.map(({ key, given }) => [key, given] as const)]);
}

/**
 * Writes the project's settings file. Never over one that is there.
 * @returns what was done, for the person
 * @throws UserError where a file is there, or another one is named
 */
export function writeSettings(recorded: Readonly<Record<string, string>>, env: Environment = process.env): string {
  const other = outsideVariable("ROLLCALL_CONFIG", env);
  if (other !== undefined)
    throw new UserError(
      `${WRITE_SETTINGS} writes ${SETTINGS_FILE}, and ROLLCALL_CONFIG is ${other}`,
      "Run it without `--config` and ROLLCALL_CONFIG, and rename the file then.",
    );
  if (existsSync(SETTINGS_FILE))
    throw new UserError(`${SETTINGS_FILE} exists already and was not changed`, "Edit it, or move it away first.");
  const settings = settingsToWrite(recorded, env);
  // Never over what somebody else writes at this moment.
  writeFileSync(SETTINGS_FILE, renderSettingsFile(settings, schemaFromHere()), { flag: "wx", mode: 0o644 });
  const variables = [...settings.keys()].map((key) => declarationOf(key).variable).filter((name) => env[name]);
  const unneeded = variables.length === 0 ? "" : `\nIt makes these needless: unset ${variables.join(" ")}`;
  return `wrote ${SETTINGS_FILE} with ${counted(settings.size, "setting")}${unneeded}`;
}

/** Where the package has the schema: in a project that installed it, below node_modules. */
function schemaFromHere(): string {
  return relative(process.cwd(), join(import.meta.dirname, "..", "..", SETTINGS_SCHEMA));
}

/**
 * Offers to write the settings file of a platform that was set up by variables; without a terminal it says how.
 * @param record what the last `up` left
 * @param ask asks the person. @default - at the terminal, where there is one
 * @returns whether a file was written: the settings are others then, where variables were missing
 */
export async function offerSettingsFile(
  record: UpRecord | undefined,
  env: Environment = process.env,
  ask: ((question: string) => Promise<boolean>) | undefined = isSomebodyThere() ? isYes : undefined,
): Promise<boolean> {
  const recorded = record?.settings ?? {};
  if (
    Object.keys(recorded).length === 0 ||
    outsideVariable("ROLLCALL_CONFIG", env) !== undefined ||
    existsSync(SETTINGS_FILE)
  )
    return false;
  const settled = settle(env);
  if (ask === undefined) {
    // Where one is missing, the refusal says it.
    const isWhole = forgottenOf(recorded, keptOf(settled)).length === 0;
    if (isWhole) report(`The settings are in variables alone: \`${WRITE_SETTINGS}\` writes them into ${SETTINGS_FILE}`);
    return false;
  }
  const text = renderSettingsFile(settingsToWrite(recorded, env), schemaFromHere());
  console.error(`The settings of this platform are only in variables. As ${SETTINGS_FILE} they are:\n\n${text}`);
  if (!(await ask(`Write ${SETTINGS_FILE}?`))) return false;
  report(writeSettings(recorded, env));
  return true;
}
