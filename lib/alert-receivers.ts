import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import * as z from "zod";
import { type Path, parseYaml, type YamlSource } from "./catalog/yaml-source.js";
import { nearest } from "./nearest-word.cjs";
import { asSentence, refuseProblems, type SettingsProblem } from "./settings/problems.js";
import { UserError } from "./user-error.js";

/** Whom alerts reach, in Alertmanager's words; what is secret stands in files. */
export interface Receivers {
  /** Each by its name. */
  readonly receivers: Readonly<Record<string, Receiver>>;
  /** The names of those that pages, or tickets, go to. */
  readonly page: readonly string[];
  readonly ticket: readonly string[];
  /** What a team has instead. */
  readonly teams: Readonly<Record<string, OfTeam>>;
  /** The name of the one that hears all the time that alerts arrive. @default - the monitor alone */
  readonly deadMansSwitch: string | undefined;
  /** Where files are that are named without a folder: an absolute path. */
  readonly folder: string;
}

/** Whom a team's alerts reach instead of everybody's. */
interface OfTeam {
  readonly page?: readonly string[];
  readonly ticket?: readonly string[];
}

/** How somebody is told. A `…_file` is a path on the machine that applies the platform, relative to `folder`. */
export type Receiver = z.output<typeof receiver>;

const file = z.string().min(1);
const words = z.string().min(1).max(1024);
const webhook = z.strictObject({ url_file: file });
const slack = z.strictObject({ api_url_file: file, channel: words });
const pagerduty = z.strictObject({ routing_key_file: file });
const email = z.strictObject({
  to: words,
  from: words,
  smarthost: z.string().regex(/^[^\s:]+:\d{1,5}$/),
  auth_username: words.exactOptional(),
  auth_password_file: file.exactOptional(),
});

/** The ways, by the names that Alertmanager has for them before `_configs`. */
const WAYS = { webhook, slack, pagerduty, email } as const;

const receiver = z.strictObject({
  webhook: webhook.exactOptional(),
  slack: slack.exactOptional(),
  pagerduty: pagerduty.exactOptional(),
  email: email.exactOptional(),
});

const names = z.array(z.string()).min(1);
const NAME = /^[a-z][a-z0-9-]{0,62}$/;

const schema = z.strictObject({
  receivers: z.record(z.string().regex(NAME), receiver),
  page: names.exactOptional(),
  ticket: names.exactOptional(),
  teams: z
    .record(z.string(), z.strictObject({ page: names.exactOptional(), ticket: names.exactOptional() }))
    .exactOptional(),
  dead_mans_switch: z.string().exactOptional(),
});

/**
 * Reads the file that the setting `alerts.receivers` names.
 * @param teams the names of the catalog's teams
 * @throws UserError with every mistake in it, each with its line
 */
export function readReceivers(path: string, teams: readonly string[]): Receivers {
  const { source, problems } = parseYaml(path, textOf(path));
  refuseProblems(problems.map(({ message, remedy, ...place }) => ({ place, message, remedy: asSentence(remedy) })));
  if (source === undefined) throw new Error(`${path} was refused without a problem`);
  const parsed = schema.safeParse(source.value, { reportInput: false });
  if (!parsed.success) {
    refuseProblems(parsed.error.issues.flatMap((issue) => problemsOf(issue, source)));
    throw new Error(`${path} was refused without a problem`);
  }
  const { receivers, page = [], ticket = [], teams: ofTeams = {}, dead_mans_switch: deadMansSwitch } = parsed.data;
  const folder = dirname(resolve(path));
  refuseProblems([
    ...wrongWays(receivers, source),
    ...wrongNames({ page, ticket, teams: ofTeams, deadMansSwitch, folder }, Object.keys(receivers), teams, source),
    ...missingFiles(receivers, folder, source),
  ]);
  return { receivers, page, ticket, teams: ofTeams, deadMansSwitch, folder };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UserError(
      `The receivers of alerts cannot be read: ${String(error).replace(/^Error: /, "")}`,
      "Correct alerts.receivers (ROLLCALL_RECEIVERS), or write that file: docs/monitoring.md describes it.",
    );
  }
}

/** What Alertmanager takes in clear. */
const SECRETS: readonly string[] = ["url", "api_url", "routing_key", "service_key", "auth_password"];

/** The schema's complaint in words; what is secret is not shown. */
function problemsOf(issue: z.core.$ZodIssue, source: YamlSource): readonly SettingsProblem[] {
  const written = (path: Path) => path.map(String).join(".");
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => {
      const known = knownAt(issue.path);
      const byFile = SECRETS.includes(key) ? known.find((each) => each.endsWith("_file")) : undefined;
      const near = nearest(key, [...known]);
      return {
        place: source.locate([...issue.path, key], "key"),
        message: `${written([...issue.path, key])} is unknown`,
        remedy:
          byFile !== undefined
            ? `No secret may stand here: write it into a file, and its path as ${byFile}.`
            : near === undefined
              ? `What may stand here is ${known.join(", ")}.`
              : `Did you mean ${near}?`,
      };
    });
  const where = issue.path.length === 0 ? "the file" : written(issue.path);
  return [
    {
      place: source.locate(issue.path, "value"),
      message: `${where} is not what is expected`,
      remedy: `It takes ${wantedAt(issue.path)}.`,
    },
  ];
}

const WANTED: Readonly<Record<string, string>> = {
  receivers: "receivers by their names",
  page: "a list of receivers",
  ticket: "a list of receivers",
  teams: "the names of teams, each with page or ticket",
  smarthost: "host:port, such as mail.example.com:587",
};

function wantedAt(path: Path): string {
  const last = path.at(-1);
  if (typeof last === "number") return "a receiver's name";
  const name = String(last);
  if (name.endsWith("_file")) return "the path of a file that holds the secret";
  if (path.length === 2) return "lower-case letters, digits and -, with one way or more below it";
  if (path.length === 3 && Object.hasOwn(WAYS, name)) return `a mapping with ${knownAt(path).join(", ")}`;
  return WANTED[name] ?? "a text that is not empty";
}

/** What may stand at a place of the file. */
function knownAt(path: Path): readonly string[] {
  if (path.length === 0) return Object.keys(schema.shape);
  if (path[0] === "teams") return ["page", "ticket"];
  const [, , way] = path;
  const shape = Object.entries(WAYS).find(([name]) => name === way)?.[1].shape;
  return shape === undefined ? Object.keys(WAYS) : Object.keys(shape);
}

/** Each receiver is told in one way at least, and a name and a password go together. */
function wrongWays(receivers: Readonly<Record<string, Receiver>>, source: YamlSource): readonly SettingsProblem[] {
  return Object.entries(receivers).flatMap(([name, each]) => {
    const place = source.locate(["receivers", name], "key");
    if (Object.values(each).every((way) => way === undefined))
      return [{ place, message: `${name} is told in no way`, remedy: `Give it ${Object.keys(WAYS).join(", ")}.` }];
    const { auth_username: user, auth_password_file: password } = each.email ?? {};
    if ((user === undefined) !== (password === undefined))
      return [{ place, message: `${name} has only one of auth_username and auth_password_file`, remedy: "Give both." }];
    return [];
  });
}

/** Receivers that are not there, and teams that the catalog does not have. */
function wrongNames(
  { page, ticket, teams: ofTeams, deadMansSwitch }: Omit<Receivers, "receivers">,
  known: readonly string[],
  teams: readonly string[],
  source: YamlSource,
): readonly SettingsProblem[] {
  const unknown = (name: string, path: Path, part: "key" | "value", among: readonly string[], kind: string) => {
    if (among.includes(name)) return [];
    const near = nearest(name, [...among]);
    const remedy = near === undefined ? `There are ${among.join(", ")}.` : `Did you mean ${near}?`;
    return [{ place: source.locate(path, part), message: `${name} is no ${kind}`, remedy }];
  };
  const lists: readonly (readonly [Path, readonly string[]])[] = [
    [["page"], page],
    [["ticket"], ticket],
    ...Object.entries(ofTeams).flatMap(([team, { page: pages = [], ticket: tickets = [] }]) => [
      [["teams", team, "page"], pages] as const,
      [["teams", team, "ticket"], tickets] as const,
    ]),
  ];
  return [
    ...lists.flatMap(([path, list]) =>
      list.flatMap((name, index) => unknown(name, [...path, index], "value", known, "receiver here")),
    ),
    ...Object.keys(ofTeams).flatMap((team) => unknown(team, ["teams", team], "key", teams, "team of the catalog")),
    ...(deadMansSwitch === undefined
      ? []
      : unknown(deadMansSwitch, ["dead_mans_switch"], "value", known, "receiver here")),
  ];
}

/** Of each receiver, the fields that name a file. */
export function filesOf(
  receiver: Receiver,
): readonly { readonly way: string; readonly field: string; readonly path: string }[] {
  return Object.entries(receiver).flatMap(([way, fields]) =>
    Object.entries(fields ?? {}).flatMap(([field, path]) =>
      field.endsWith("_file") && typeof path === "string" ? [{ way, field, path }] : [],
    ),
  );
}

function missingFiles(
  receivers: Readonly<Record<string, Receiver>>,
  folder: string,
  source: YamlSource,
): readonly SettingsProblem[] {
  return Object.entries(receivers).flatMap(([name, each]) =>
    filesOf(each)
      .filter(({ path }) => !isFilled(resolve(folder, path)))
      .map(({ way, field, path }) => ({
        place: source.locate(["receivers", name, way, field], "value"),
        message: `${name}: there is no file ${path}, or nothing is in it`,
        remedy: "Write the secret into it. Its path is relative to the file that names it.",
      })),
  );
}

function isFilled(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size > 0;
}
