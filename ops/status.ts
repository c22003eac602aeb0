import { printableLines } from "../lib/printable";
import { readSettings } from "../lib/settings";
import type { Asked } from "./command-line.cjs";
import { judgeStatus } from "./status/judge";
import { readStatus } from "./status/read-status";
import { renderStatus } from "./status/render";
import { isWell } from "./trouble";

/** `npm run status`: whether the platform is up, with all that can be known. Exit code 1 where something is wrong. */
export async function status({ flags }: Asked): Promise<number> {
  const now = await readStatus(readSettings());
  const troubles = judgeStatus(now);
  const healthy = isWell(troubles);
  console.log(
    flags.has("json")
      ? printableLines(JSON.stringify({ healthy, troubles, ...now }, null, 2))
      : renderStatus(now, troubles),
  );
  return healthy ? 0 : 1;
}
