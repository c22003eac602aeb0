import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { RecordCases } from "../../lib/monitoring/cases/case.js";
import { renderRecordTests } from "../../lib/monitoring/cases/render-tests.js";
import { COMMON_RULES } from "../../lib/monitoring/rules.js";
import { RUNBOOKS } from "../../lib/monitoring/runbooks.js";

const FOLDER = join(import.meta.dirname, "recorded");
/** Seconds between two scrapes. */
export const RECORDED_STEP = 5;

const recordingSchema = z.object({
  /** A sentence about what happens. */
  name: z.string(),
  /** Values in promtool's words, a value each `RECORDED_STEP`. */
  series: z.record(z.string(), z.string()),
  /** In seconds from the first scrape, and how many alerts of each name fire then. */
  moments: z.array(z.object({ at: z.number(), firing: z.record(z.string(), z.number()) })),
});

/** What a real platform exported while something was wrong with it, and what the rules are to say of that. */
export type Recording = z.infer<typeof recordingSchema>;

/** The recordings that are kept, by the names of their files. `e2e/27-recorded-series` writes them. */
export function recordings(): readonly Recording[] {
  return readdirSync(FOLDER)
    .sort()
    .map((name) => recordingSchema.parse(JSON.parse(readFileSync(join(FOLDER, name), "utf8"))));
}

/** Puts a recording in the place of an earlier one. */
export function keepRecording(recording: Recording): void {
  mkdirSync(FOLDER, { recursive: true });
  const file = `${recording.name.replaceAll(" ", "-")}.json`;
  writeFileSync(join(FOLDER, file), `${JSON.stringify(recording, null, 1)}\n`);
}

/** The tests of recordings, as promtool reads them. @param rulesFolder where the rules are, seen from the tests */
export function renderRecordingTests(some: readonly Recording[], rulesFolder: string): string {
  const cases: RecordCases = {
    name: "recorded",
    step: RECORDED_STEP,
    cases: some.map(({ name, series, moments }) => ({
      name,
      series,
      checks: moments.map(({ at, firing }) => ({
        at,
        record: 'count by (alertname) (ALERTS{alertstate="firing",alertname!="Watchdog"})',
        samples: Object.fromEntries(Object.entries(firing).map(([name, count]) => [`{alertname="${name}"}`, count])),
      })),
    })),
  };
  return renderRecordTests(cases, {
    files: [`${rulesFolder}/constants.rules.yml`, ...COMMON_RULES.map(({ name }) => `${rulesFolder}/${name}`)],
    groups: ["rollcall-constants", ...COMMON_RULES.flatMap(({ groups }) => groups.map(({ name }) => name))],
    runbooks: RUNBOOKS,
  });
}
