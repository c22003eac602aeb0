import { z } from "zod";
import { printable } from "../../lib/printable.js";

/** A line of an audit log: of a door, or of a verb that changed the platform. */
export interface AuditLine {
  /** ISO 8601. */
  readonly time: string;
  readonly door: string;
  readonly client: string;
  readonly method: string;
  readonly path: string;
  /** Of a verb its exit code. */
  readonly status: number;
  /** The accessor id of the token, or a word in its place. */
  readonly accessor: string;
}

const lineSchema = z.object({
  time: z.string().refine((time) => !Number.isNaN(Date.parse(time))),
  door: z.string(),
  client: z.string(),
  method: z.string(),
  path: z.string(),
  status: z.number(),
  accessor: z.string(),
});

/** The lines of a file. One that was not written whole, as on a full disk, is left out. Pure. */
export function parseAuditLines(text: string): readonly AuditLine[] {
  return text.split("\n").flatMap((line) => {
    if (line === "") return [];
    try {
      return lineSchema.safeParse(JSON.parse(line)).data ?? [];
    } catch {
      return [];
    }
  });
}

/**
 * Lines of several files in the order in which they happened. Pure.
 * @param since those before it are left out. @default - none is
 * @param last only so many, the newest. @default all
 */
export function inOrder(
  files: readonly (readonly AuditLine[])[],
  since = Number.NEGATIVE_INFINITY,
  last = Number.POSITIVE_INFINITY,
): readonly AuditLine[] {
  const lines = files.flat().filter(({ time }) => Date.parse(time) >= since);
  const sorted = lines.sort((one, other) => Date.parse(one.time) - Date.parse(other.time));
  return last >= sorted.length ? sorted : sorted.slice(sorted.length - last);
}

/**
 * A table for people, or a line of JSON each. What somebody sent is shown so that a terminal obeys nothing of it. Pure.
 * @param names of tokens, by their accessor ids
 */
export function renderTable(lines: readonly AuditLine[], names: ReadonlyMap<string, string>): string {
  const rows = lines.map(({ time, door, client, method, path, status, accessor }) =>
    [
      ...[new Date(time).toISOString().replace(".000Z", "Z"), door, names.get(accessor) ?? accessor],
      ...[client, String(status), `${method} ${path}`],
    ].map(printable),
  );
  const all = [["TIME", "DOOR", "WHO", "CLIENT", "STATUS", "WHAT"], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    all.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0),
  );
  return all.map((row) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join("  ")).join("\n");
}

/** The lines as they are kept, one JSON object each. Pure. */
export function renderJson(lines: readonly AuditLine[]): string {
  return lines.map((line) => printable(JSON.stringify(line))).join("\n");
}
