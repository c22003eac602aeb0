import { nearest } from "../nearest-word.cjs";
import { UserError } from "../user-error.js";
import { declarationOf, KEYS, OUTSIDE } from "./table.js";

/** Read by something else than the verbs: an application, a workflow, the tests. */
const NOT_SETTINGS: readonly string[] = [
  "ROLLCALL_CA",
  "ROLLCALL_CONFIG",
  "ROLLCALL_RUNNER",
  "ROLLCALL_TEST_CONSUL",
  "ROLLCALL_TEST_FROM",
  "ROLLCALL_TEST_INVENTORY",
  "ROLLCALL_TEST_PLATFORM",
  "ROLLCALL_TEST_PLATFORMS",
  "ROLLCALL_TEST_RECORD",
  "ROLLCALL_TEST_WAITS",
  "ROLLCALL_CHAOS_DOCKERD",
];

const PREFIX = "ROLLCALL_";

const SETTINGS = [...KEYS.map((key) => declarationOf(key).variable), ...OUTSIDE.map(({ variable }) => variable)].filter(
  (name) => name.startsWith(PREFIX),
);

/** Every name that begins with `ROLLCALL_` and means something. */
export const KNOWN_VARIABLES: ReadonlySet<string> = new Set([...SETTINGS, ...NOT_SETTINGS]);

/** `ROLCALL_`, `ROLL_CALL_`, `rollcall_`: nobody else's, where a setting's name follows. */
const LIKE_THE_PREFIX = /^ro?l{1,3}_?cal{1,3}s?_/i;

/**
 * A variable that was misspelt would be left out in silence. An empty one counts as not set, under any name.
 * @throws UserError with each such variable and the name that it most likely means
 */
export function refuseMisspelt(env: Readonly<Record<string, string | undefined>>): void {
  const set = Object.keys(env).filter((name) => (env[name] ?? "") !== "" && !KNOWN_VARIABLES.has(name));
  const meant = set.flatMap((name) => {
    if (name.startsWith(PREFIX)) return [[name, nearestSetting(name.slice(PREFIX.length))] as const];
    const setting = SETTINGS.find((each) => each === name.replace(LIKE_THE_PREFIX, PREFIX).toUpperCase());
    return setting === undefined ? [] : [[name, setting] as const];
  });
  if (meant.length === 0) return;
  throw new UserError(
    meant
      .map(
        ([name, setting]) => `There is no setting ${name}${setting === undefined ? "" : `: did you mean ${setting}?`}`,
      )
      .join("\n"),
    `Correct the name or \`unset ${meant.map(([name]) => name).join(" ")}\`. docs/reference/settings.md lists every setting.`,
  );
}

/** By what follows `ROLLCALL_`: that part alone is no sign of what was meant. */
function nearestSetting(typed: string): string | undefined {
  const found = nearest(
    typed,
    SETTINGS.map((name) => name.slice(PREFIX.length).toLowerCase()),
  );
  return found === undefined ? undefined : `${PREFIX}${found.toUpperCase()}`;
}
