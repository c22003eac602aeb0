import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { settingsFor } from "../../../dev/fresh-clone.js";
import { run } from "../../../lib/process.js";
import { INVENTORY_VARIABLE, inventory, KEPT_VARIABLE, platforms } from "./platform.js";

/** Whatever happened: nothing of the platforms under test stays, and `down` leaves the host as it was before `up`. */
export default async function teardown(): Promise<void> {
  if (process.env[KEPT_VARIABLE]) return;
  for (const platform of platforms()) {
    const { folder } = platform;
    if (existsSync(join(folder, "state", "instance")))
      await run(process.execPath, ["ops/run.mjs", "down", "--yes"], {
        cwd: folder,
        env: { ...process.env, ...settingsFor(platform) },
      }).catch((error: unknown) => failed(`a platform under test could not be removed: ${String(error)}`));
    rmSync(dirname(folder), { recursive: true, force: true });
  }
  const before: readonly string[] = JSON.parse(process.env[INVENTORY_VARIABLE] ?? "[]");
  const after = await inventory();
  const left = after.filter((each) => !before.includes(each));
  const gone = before.filter((each) => !after.includes(each));
  if (left.length > 0) failed(`this stays on the Docker host after \`down\`: ${left.join(", ")}`);
  if (gone.length > 0) failed(`this was on the Docker host before \`up\` and is gone: ${gone.join(", ")}`);
}

/** An error thrown here would keep Jest from writing the results of the tests. */
function failed(what: string): void {
  console.error(what);
  process.exitCode = 1;
}
