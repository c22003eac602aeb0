import { AUDIT_LOGS, DOORS, VERBS_LOG } from "../../../lib/consul/nginx/audit.js";
import { printable } from "../../../lib/printable.js";
import { readSettings, type Settings } from "../../../lib/settings.js";
import { requireDocker } from "../../docker/require-docker.js";
import { isUnknown, resultOf } from "../../platform/result.js";
import { type AuditLine, inOrder, parseAuditLines, renderJson, renderTable } from "../../report/audit-lines.js";
import { beginOf, logSpan, type SpanOptions } from "./log-options.js";
import { readAuditFiles } from "./read-audit.js";
import { tokenNames } from "./token-names.js";

/** What was changed and by whom; with --all the rest as well. */
const CHANGES: readonly string[] = [AUDIT_LOGS.writes, AUDIT_LOGS.unanswered, VERBS_LOG];
const OTHERS: readonly string[] = [AUDIT_LOGS.others, AUDIT_LOGS.refused];

/** What `logs audit` is asked for. */
export interface AuditOptions extends SpanOptions {
  /** Whether what was refused or changes nothing is shown too. @default false */
  readonly all?: boolean | undefined;
  /** Whether JSON lines are printed. @default false */
  readonly json?: boolean | undefined;
}

/**
 * `npx rollcall logs audit`: who wrote what, through each door, and what the verbs changed. A door that cannot be read is
 * named, and the exit code is 1.
 */
export async function auditLog(options: AuditOptions): Promise<number> {
  const { all = false, json = false } = options;
  const span = logSpan(options);
  const since = beginOf(span, Date.now());
  const settings = readSettings();
  await requireDocker("there is no audit log to read");
  const doors = await Promise.all(
    DOORS.map(async ({ door, container }) => ({
      door,
      files: await resultOf(() => readAuditFiles(settings.prefix + container)),
    })),
  );
  const linesOf = (wanted: readonly string[]) =>
    doors.flatMap(({ files }) =>
      isUnknown(files) ? [] : wanted.map((name) => parseAuditLines(files.get(name) ?? "")),
    );
  const wanted = all ? [...CHANGES, ...OTHERS] : CHANGES;
  const lines = inOrder(linesOf(wanted), since, span.tail === "all" ? undefined : Number(span.tail));

  if (json) {
    if (lines.length > 0) console.log(renderJson(lines));
  } else {
    const unseen = all ? [] : OTHERS.map((name) => inOrder(linesOf([name]), since).length);
    console.log(await describe(settings, lines, unseen));
  }
  for (const { door, files } of doors)
    if (isUnknown(files)) console.error(printable(`The audit log of the ${door} cannot be read: ${files.unknown}`));
  return doors.some(({ files }) => isUnknown(files)) ? 1 : 0;
}

async function describe(settings: Settings, lines: readonly AuditLine[], unseen: readonly number[]): Promise<string> {
  const [others = 0, refused = 0] = unseen;
  const table = lines.length === 0 ? "Nothing was written." : renderTable(lines, await tokenNames(settings));
  const more = `${refused} refused and ${others} others are not shown: \`npx rollcall logs audit --all\``;
  return others + refused === 0 ? table : `${table}\n${more}`;
}
