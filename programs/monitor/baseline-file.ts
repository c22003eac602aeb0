import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { INSTANCE_STATES } from "../../lib/monitoring/metrics.js";
import { type Baseline, type Change, replayed } from "./changes.js";
import type { History } from "./history.js";

const FILE = "baseline.json";
const PAGE = 1000;

const knownSchema = z.object({
  ...{ service: z.string(), team: z.string(), state: z.enum(INSTANCE_STATES), changed: z.number() },
  checks: z.record(z.string(), z.string()),
});
const fileSchema = z.object({ seq: z.int().min(0), instances: z.record(z.string(), knownSchema) });

const text = z.nullable(z.string());
const changeSchema = z.object({
  ...{ time: z.string(), service: z.string(), team: z.string(), id: z.string(), output: z.string() },
  ...{ check: text, from: text, to: text },
});

/**
 * What was known last, so that a change while the monitor was away is one change in the history. The file is written now and
 * then; what the history has since is replayed.
 */
export function readBaseline(folder: string, history: History): Baseline {
  const { seq, baseline } = savedIn(folder);
  let known = baseline;
  for (let at = seq; ; ) {
    const page = history.after(at, PAGE);
    // Older than all that is kept, or of another history: what is known is taken as it is.
    if (!("lines" in page) || page.lines.length === 0) return known;
    const changes = page.lines.flatMap((line): readonly Change[] => {
      const { data } = changeSchema.safeParse(JSON.parse(line));
      return data === undefined ? [] : [data];
    });
    known = replayed(known, changes);
    at += page.lines.length;
  }
}

function savedIn(folder: string): { readonly seq: number; readonly baseline: Baseline } {
  try {
    const { seq, instances } = fileSchema.parse(JSON.parse(readFileSync(join(folder, FILE), "utf8")));
    return { seq, baseline: new Map(Object.entries(instances)) };
  } catch {
    // There is none yet: the whole history says as much.
    return { seq: 0, baseline: new Map() };
  }
}

/** @param seq the number of the last event that it has */
export function writeBaseline(folder: string, baseline: Baseline, seq: number): void {
  const draft = join(folder, `${FILE}.new`);
  const file = openSync(draft, "w", 0o640);
  try {
    const bytes = Buffer.from(JSON.stringify({ seq, instances: Object.fromEntries(baseline) }));
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, join(folder, FILE));
}
