import { readSettings } from "../../lib/settings.js";
import { colourFor } from "../cli/colour.js";
import { UsageError } from "../cli/usage-error.js";
import { outputOf } from "../platform/live.js";
import { setUpTerraform } from "../platform/tools.js";

/** Which stack has which token. */
const TOKENS: Readonly<Record<string, string>> = {
  management: "foundation",
  metrics: "access",
  discovery: "access",
  dynamic: "access",
  heartbeat: "access",
  operator: "access",
};

/** `npx rollcall token NAME`: prints one token and nothing else; on a terminal it warns, on standard error. */
export async function token(name = ""): Promise<number> {
  const stack = Object.hasOwn(TOKENS, name) ? TOKENS[name] : undefined;
  if (stack === undefined)
    throw new UsageError(
      name === "" ? "Which token?" : `There is no token ${JSON.stringify(name)}`,
      `There are ${Object.keys(TOKENS).join(", ")}.`,
    );
  const settings = readSettings();
  const terraform = await setUpTerraform(settings);
  const secret = await outputOf(settings, terraform, stack, `token-${name}`);
  if (process.stdout.isTTY === true) process.stderr.write(`${colourFor(process.stderr).yellow(warning(name))}\n`);
  process.stdout.write(`${secret}\n`);
  return 0;
}

/** The warning when a secret is printed to a terminal. */
export function warning(name: string): string {
  return [
    `The token ${name} is a secret, and stands on this screen and in what the terminal keeps of it. Passed on unseen:`,
    `  export CONSUL_HTTP_TOKEN="$(npx rollcall token ${name})"`,
    `  (umask 077; npx rollcall token ${name} > FILE)`,
  ].join("\n");
}
