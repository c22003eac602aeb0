import { stringify } from "yaml";
import { type Declaration, declarationOf, GROUPS, isInFile, KEYS, type Key } from "./table.js";

/** The file of the package with which editors check a settings file. */
export const SETTINGS_SCHEMA = "rollcall.schema.json";

const HEADER =
  "# The settings of this platform. docs/reference/settings.md describes every one; its variable goes before the file.";

/**
 * The text of a settings file, with what each setting means.
 * @param given as the file has it
 * @param schema the path of `SETTINGS_SCHEMA` from the file. @default - beside it, as in a clone
 */
export function renderSettingsFile(given: ReadonlyMap<Key, unknown>, schema: string = SETTINGS_SCHEMA): string {
  const forEditors = `# yaml-language-server: $schema=./${schema}`;
  return `${[forEditors, HEADER, "", ...renderSettings(given, (means) => [`# ${means.replaceAll("`", "")}`])].join("\n")}\n`;
}

/**
 * The lines of a settings file that say this.
 * @param comment what comes before each setting and group. @default - nothing
 */
export function renderSettings(
  given: ReadonlyMap<Key, unknown>,
  comment: (means: string) => readonly string[] = () => [],
): readonly string[] {
  const said = KEYS.filter((key) => given.has(key)).map((key) => ({ ...declarationOf(key), value: given.get(key) }));
  const line = ({ name, means, value }: Declaration & { readonly value: unknown }) => [
    ...comment(means),
    `${name.split(".").at(-1)}: ${stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim()}`,
  ];
  const single = said.filter(({ name }) => !name.includes(".")).flatMap(line);
  const groups = Object.entries(GROUPS).flatMap(([group, means]) => {
    const members = said.filter(({ name }) => name.startsWith(`${group}.`)).flatMap(line);
    return members.length === 0 ? [] : [...comment(means), `${group}:`, ...members.map((each) => `  ${each}`)];
  });
  return [...single, ...groups];
}

/** The settings of a file that these variables say, as the file has them; of other variables nothing. */
export function inFile(variables: Readonly<Record<string, string>>): ReadonlyMap<Key, unknown> {
  return new Map(
    KEYS.flatMap((key) => {
      const declaration = declarationOf(key);
      const text = variables[declaration.variable];
      return text === undefined || !isInFile(declaration) ? [] : [[key, declaration.fromText(text)] as const];
    }),
  );
}
