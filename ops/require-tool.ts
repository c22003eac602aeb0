import { CommandFailed, run } from "../lib/process";
import { readSettings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import { Cache } from "../offline/cache";
import { aptInstall, readSystem } from "../offline/debian";
import { confirm } from "./confirm";
import { report } from "./progress";

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
    if (process.stdin.isTTY === true) await confirm(`${program} is not installed. Run \`${command}\`?`, false, command);
    await aptInstall({ cache: new Cache(readSettings().cacheFolder), env: process.env, report, run }, debianPackage);
  }
}
