import { KV_PREFIX } from "../../lib/catalog/definition.js";
import type { Catalog } from "../../lib/catalog/types.js";
import { printable } from "../../lib/printable.js";
import type { Settings } from "../../lib/settings.js";
import { few, MOST } from "../cli/few.js";
import { quoted } from "../cli/quoted.js";
import type { Problem } from "../report/problem.js";
import type { Terraform } from "../terraform/terraform.js";
import { connectAsAdmin } from "./connect.js";

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
export function describeForeignKeys({ below, keys }: ForeignKeys): string {
  if (keys.length === 1) return `${keys[0]}: a key of no team of the catalog`;
  return `${below}: ${keys.length} keys of no team of the catalog: ${few(keys.map((key) => key.slice(below.length)))}`;
}

/** A few of them as something wrong, each with its command, and how many more there are. */
export function judgeForeignKeys(found: readonly ForeignKeys[]): readonly Problem[] {
  const more = found.length - MOST;
  return [
    ...found.slice(0, MOST).map((each) => ({
      what: describeForeignKeys(each),
      remedy: `\`${each.command}\` deletes ${each.keys.length === 1 ? "it" : "them"}.`,
    })),
    ...(more <= 0
      ? []
      : [
          {
            what: `${more} more keys and prefixes below ${KV_PREFIX} are of no team of the catalog`,
            remedy: "`npx rollcall catalog audit` has the command for each.",
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
  const { kv } = await connectAsAdmin(settings, terraform);
  return foreignKeys(await kv.keys(KV_PREFIX), teams, settings);
}

/** The token stands in no process's arguments, which everybody on the machine may read. */
function deletion(key: string, isTree: boolean, httpPort: number): string {
  const curl = 'echo "X-Consul-Token: $(npx rollcall token management)" | curl -X';
  const url = `http://localhost:${httpPort}/v1`;
  // curl and Consul change a path such as a//b or a/../b; a transaction takes any key.
  if (/^[\w-][\w.-]*(\/[\w-][\w.-]*)*\/?$/.test(key))
    return `${curl} DELETE -H @- ${quoted(`${url}/kv/${key}${isTree ? "?recurse" : ""}`)}`;
  const body = printable(JSON.stringify([{ KV: { Verb: isTree ? "delete-tree" : "delete", Key: key } }]));
  return `${curl} PUT -H @- -d ${quoted(body)} ${url}/txn`;
}
