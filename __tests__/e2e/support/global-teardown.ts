import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { npm, platform } from "./platform";

/** Whatever happened: nothing of the platform under test stays. */
export default async function teardown(): Promise<void> {
  const { folder, keep } = platform();
  if (keep === true) return;
  if (existsSync(join(folder, "state", "instance"))) {
    const { code, stderr } = await npm("down", ["--yes"]);
    if (code !== 0) throw new Error(`the platform under test could not be removed:\n${stderr}`);
  }
  rmSync(dirname(folder), { recursive: true, force: true });
}
