import { z } from "zod";
import { KV_PREFIX } from "../lib/catalog/definition";
import type { Catalog } from "../lib/catalog/types";
import { printable } from "../lib/printable";
import type { Settings } from "../lib/settings";
import { type ConsulAdmin, connectAsAdmin } from "./consul-admin";
import { toldBy, unreachable } from "./consul-request";
import { few, MOST } from "./few";
import { quoted } from "./quoted";
import type { Terraform } from "./terraform";
import type { Trouble } from "./trouble";

/** Keys where the catalog lies in Consul KV that belong to no team of it: Terraform neither made them nor takes them away. */
export interface ForeignKeys {
  /** The prefix that they share, such as `catalog/nobody/`; the key itself where it is below no team at all. */
  readonly below: string;
  readonly keys: readonly string[];
  /** For a shell in the clone: takes all of them away. */
  readonly command: string;
}

/**
 * The keys that belong to no declared team, by the team that they name. Of a declared team Terraform owns the whole prefix:
 * what is too much there, `up` takes away. Pure.
 */
export function foreignKeys(
  keys: readonly string[],
  teams: readonly { readonly name: string }[],
  { httpPort }: Pick<Settings, "httpPort">,
): readonly ForeignKeys[] {
  const declared = new Set(teams.map(({ name }) => name));
  const groups = new Map<string, string[]>();
  for (const key of keys) {
    const [, team] = /^([^/]*)\//.exec(key.slice(KV_PREFIX.length)) ?? [];
    if (!key.startsWith(KV_PREFIX) || (team !== undefined && declared.has(team))) continue;
    const below = team === undefined ? key : `${KV_PREFIX}${team}/`;
    groups.set(below, [...(groups.get(below) ?? []), key]);
  }
  return [...groups].map(([below, found]) => ({
    below,
    keys: found,
    command: deletion(below, below.endsWith("/") && below !== KV_PREFIX, httpPort),
  }));
}

/** What they are, for a person. */
export function toldOf({ below, keys }: ForeignKeys): string {
  if (keys.length === 1) return `${keys[0]}: a key of no team of the catalog`;
  return `${below}: ${keys.length} keys of no team of the catalog: ${few(keys.map((key) => key.slice(below.length)))}`;
}

/** A few of them as something wrong, each with its command, and how many more there are. */
export function judgeForeignKeys(found: readonly ForeignKeys[]): readonly Trouble[] {
  const more = found.length - MOST;
  return [
    ...found.slice(0, MOST).map((each) => ({
      what: toldOf(each),
      remedy: `\`${each.command}\` deletes ${each.keys.length === 1 ? "it" : "them"}.`,
    })),
    ...(more <= 0
      ? []
      : [
          {
            what: `${more} more keys and prefixes below ${KV_PREFIX} are of no team of the catalog`,
            remedy: "`npm run catalog -- audit` has the command for each.",
          },
        ]),
  ];
}

/** The keys of no team that are there. @throws UserError where Consul does not answer */
export async function readForeignKeys(
  settings: Settings,
  terraform: Terraform,
  { teams }: Pick<Catalog, "teams">,
): Promise<readonly ForeignKeys[]> {
  return foreignKeys(await catalogKeys(await connectAsAdmin(settings, terraform)), teams, settings);
}

async function catalogKeys(admin: ConsulAdmin): Promise<readonly string[]> {
  const path = `/v1/kv/${KV_PREFIX}?keys`;
  const { status, body } = await admin.ask("GET", path);
  if (status === 404) return [];
  if (status !== 200) throw unreachable(toldBy(path, status, body));
  return z.array(z.string()).parse(JSON.parse(body.toString()));
}

/** The token stands in no process's arguments, which everybody on the machine may read. */
function deletion(key: string, isTree: boolean, httpPort: number): string {
  const curl = 'echo "X-Consul-Token: $(npm run -s token -- management)" | curl -X';
  const url = `http://localhost:${httpPort}/v1`;
  // curl and Consul change a path such as a//b or a/../b; a transaction takes any key.
  if (/^[\w-][\w.-]*(\/[\w-][\w.-]*)*\/?$/.test(key))
    return `${curl} DELETE -H @- ${quoted(`${url}/kv/${key}${isTree ? "?recurse" : ""}`)}`;
  const body = printable(JSON.stringify([{ KV: { Verb: isTree ? "delete-tree" : "delete", Key: key } }]));
  return `${curl} PUT -H @- -d ${quoted(body)} ${url}/txn`;
}
