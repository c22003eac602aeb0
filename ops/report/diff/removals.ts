import { resolve } from "node:path";
import type { Change } from "../../../lib/catalog/changes.js";
import type { Catalog } from "../../../lib/catalog/types.js";
import { KEPT_VARIABLES } from "../../../lib/settings/table.js";
import { few } from "../../cli/few.js";
import type { UpRecord } from "../../platform/up-record.js";

/**
 * Services that would be removed though nobody may have meant it: those of another catalog folder than the last `up` read,
 * and those of a whole team that no file declares any more. A service that was taken out of its file is not among them.
 * @param record what the last `up` left; of an older platform nothing, and the folder is taken for the same
 * @returns a sentence each
 */
export function unmeantRemovals(
  changes: readonly Change[],
  { teams }: Pick<Catalog, "teams">,
  folder: string,
  record: UpRecord | undefined,
): readonly string[] {
  const removed = changes.filter(({ kind }) => kind === "removed");
  if (removed.length === 0) return [];
  const before = record?.settings.ROLLCALL_CATALOG ?? KEPT_VARIABLES.ROLLCALL_CATALOG ?? "";
  if (record !== undefined && resolve(before) !== resolve(folder))
    return [`the catalog folder was ${before} and is ${folder}, which does not declare ${namesOf(removed)}`];
  const declared = new Set(teams.map(({ name }) => name));
  const gone = new Set(removed.map(({ team }) => team).filter((team) => team !== "" && !declared.has(team)));
  return [...gone].map(
    (team) => `no file declares the team ${team} any more: ${namesOf(removed.filter((each) => each.team === team))}`,
  );
}

function namesOf(changes: readonly Change[]): string {
  return few(changes.map(({ service }) => service));
}
