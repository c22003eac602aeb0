import { printableLines } from "../../lib/printable.js";
import { type InEffect, settle, textOf } from "../../lib/settings/in-effect.js";
import { OUTSIDE } from "../../lib/settings/table.js";
import { outsideVariable, readSettings } from "../../lib/settings.js";
import { recordOf } from "../platform/up-record.js";
import { writeSettings } from "../platform/write-settings.js";

/** A setting as the verb tells it. */
export interface ShownSetting {
  /** Its name in the file. */
  readonly name: string;
  readonly variable: string;
  /** As the variable would say it; null where there is none. Of a secret it says only that it is set. */
  readonly value: string | null;
  /** The variable, the file with the line, or `default`. */
  readonly from: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What `settings` is asked for. */
export interface SettingsOptions {
  /** Whether `rollcall.yaml` is written. @default false */
  readonly write?: boolean | undefined;
  /** Whether JSON is printed. @default false */
  readonly json?: boolean | undefined;
}

/**
 * `rollcall settings`: each setting, its value and where it is from. `--write` writes `rollcall.yaml` with those of the
 * environment and of the last `up`.
 */
export async function settings({ write = false, json = false }: SettingsOptions): Promise<number> {
  if (write) {
    const record = await recordOf(readSettings());
    console.log(printableLines(writeSettings(record?.settings ?? {})));
    return 0;
  }
  const told = shownSettings();
  console.log(printableLines(json ? JSON.stringify(told, null, 2) : renderSettingsTable(told)));
  return 0;
}

/** Every setting in effect, and the variables of Docker and OpenTofu. Makes no state folder. */
export function shownSettings(env: Environment = process.env): readonly ShownSetting[] {
  const declared = [...settle(env).settings.values()].map((each) => ({
    name: each.declaration.name,
    variable: each.declaration.variable,
    value: each.given === undefined ? null : textOf(each.given),
    from: fromOf(each),
  }));
  const outside = OUTSIDE.map(({ variable, name, isSecret }) => {
    const value = outsideVariable(variable, env);
    const shown = value === undefined ? null : isSecret ? "set, not shown" : value;
    return { name, variable, value: shown, from: value === undefined ? "default" : variable };
  });
  return [...declared, ...outside];
}

function fromOf({ source, place, declaration }: InEffect): string {
  if (place !== undefined) return `${place.file}:${place.line}`;
  return source === "variable" ? declaration.variable : "default";
}

/** The settings in columns. Pure. */
export function renderSettingsTable(told: readonly ShownSetting[]): string {
  const rows = [["setting", "value", "from"], ...told.map(({ name, value, from }) => [name, value ?? "-", from])];
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const [first, second] = [width(0), width(1)];
  return rows
    .map(([name = "", value = "", from = ""]) => `${name.padEnd(first)}  ${value.padEnd(second)}  ${from}`)
    .join("\n");
}
