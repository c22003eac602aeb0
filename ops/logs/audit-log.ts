import { AUDIT_LOGS, DOORS, VERBS_LOG } from "../../lib/consul/audit";
import { printable } from "../../lib/printable";
import type { Settings } from "../../lib/settings";
import type { Asked } from "../command-line.cjs";
import { isUnknown, known } from "../known";
import { requireDocker } from "../require-docker";
import { howTo } from "../usage.cjs";
import { type AuditLine, inOrder, parseAuditLines, renderJson, renderTable } from "./audit-lines";
import { beginOf, logSpan } from "./log-options";
import { readAuditFiles } from "./read-audit";
import { tokenNames } from "./token-names";

/** What was changed and by whom; with --all the rest as well. */
const CHANGES: readonly string[] = [AUDIT_LOGS.writes, VERBS_LOG];
const OTHERS: readonly string[] = [AUDIT_LOGS.others, AUDIT_LOGS.refused];

/**
 * `npm run logs -- audit`: who wrote what, through each door, and what the verbs changed. A door that cannot be read is
 * named, and the exit code is 1.
 */
export async function auditLog(asked: Asked, settings: Settings): Promise<number> {
  const usage = howTo("logs");
  const span = logSpan(asked, usage);
  const since = beginOf(span, Date.now(), usage);
  await requireDocker("there is no audit log to read");
  const doors = await Promise.all(
    DOORS.map(async ({ door, container }) => ({
      door,
      files: await known(() => readAuditFiles(settings.prefix + container)),
    })),
  );
  const linesOf = (wanted: readonly string[]) =>
    doors.flatMap(({ files }) =>
      isUnknown(files) ? [] : wanted.map((name) => parseAuditLines(files.get(name) ?? "")),
    );
  const wanted = asked.flags.has("all") ? [...CHANGES, ...OTHERS] : CHANGES;
  const lines = inOrder(linesOf(wanted), since, span.tail === "all" ? undefined : Number(span.tail));

  if (asked.flags.has("json")) {
    if (lines.length > 0) console.log(renderJson(lines));
  } else {
    const unseen = asked.flags.has("all") ? [] : OTHERS.map((name) => inOrder(linesOf([name]), since).length);
    console.log(await tell(settings, lines, unseen));
  }
  for (const { door, files } of doors)
    if (isUnknown(files)) console.error(printable(`The audit log of the ${door} cannot be read: ${files.unknown}`));
  return doors.some(({ files }) => isUnknown(files)) ? 1 : 0;
}

async function tell(settings: Settings, lines: readonly AuditLine[], unseen: readonly number[]): Promise<string> {
  const [others = 0, refused = 0] = unseen;
  const table = lines.length === 0 ? "Nothing was written." : renderTable(lines, await tokenNames(settings));
  const more = `${refused} refused and ${others} others are not shown: \`npm run logs -- audit --all\``;
  return others + refused === 0 ? table : `${table}\n${more}`;
}
