import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { z } from "zod";

/** Names the file that the tests of a run write their waits to. */
export const WAITS_VARIABLE = "ROLLCALL_TEST_WAITS";

/** What is shorter is not worth a line. */
const SHORTEST_SECONDS = 1;

const waitSchema = z.object({ file: z.string(), what: z.string(), seconds: z.number() });

/** Something that a test file waited for: a condition, or a command. */
export type Wait = z.infer<typeof waitSchema>;

/** Leaves word of a wait for the end of the run; nothing where nobody asked for it. */
export function noteWait(file: string, what: string, seconds: number, env = process.env): void {
  const path = env[WAITS_VARIABLE] ?? "";
  if (path !== "" && seconds >= SHORTEST_SECONDS) appendFileSync(path, `${JSON.stringify({ file, what, seconds })}\n`);
}

/** The waits of a run: the same thing in the same file once, with the sum of its seconds; the longest first. */
export function readWaits(path: string): readonly (Wait & { readonly times: number })[] {
  const sums = new Map<string, Wait & { readonly times: number }>();
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
  for (const { file, what, seconds } of lines.map((line) => waitSchema.parse(JSON.parse(line)))) {
    const key = `${file} ${what}`;
    const sum = sums.get(key);
    sums.set(key, { file, what, seconds: seconds + (sum?.seconds ?? 0), times: 1 + (sum?.times ?? 0) });
  }
  return [...sums.values()].sort((a, b) => b.seconds - a.seconds);
}
