import { CommandFailed, run } from "../lib/process.js";
import { readSettings } from "../lib/settings.js";
import { UserError } from "../lib/user-error.js";
import { confirm, isSomebodyThere } from "../ops/cli/confirm.js";
import { report } from "../ops/cli/progress.js";
import { Cache } from "../provision/cache.js";
import { aptInstall, readSystem } from "../provision/debian.js";

/**
 * Sees to it that a program that only the checks and tests need is there. On Debian or Ubuntu, run as root, it is
 * installed: on a terminal after asking, in a job saying so.
 * @throws UserError elsewhere, and where the answer is no
 */
export async function requireTool(program: string, debianPackage: string): Promise<void> {
  try {
    await run(program, ["--help"]);
  } catch (error) {
    if (!(error instanceof CommandFailed) || error.reason !== "missing") return;
    const system = readSystem();
    if (!system.debian || !system.root)
      throw new UserError(
        `${program} is not installed`,
        `Install it (apt-get install ${debianPackage}) and run it again.`,
      );
    const command = `apt-get install ${debianPackage}`;
    if (isSomebodyThere()) await confirm(`${program} is not installed. Run \`${command}\`?`, false, command);
    await aptInstall({ cache: new Cache(readSettings().cacheFolder), env: process.env, report, run }, debianPackage);
  }
}
