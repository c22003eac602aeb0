import { readSettings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import { colourFor } from "./colour";
import type { Asked } from "./command-line.cjs";
import { outputOf } from "./live";
import { setUpTerraform } from "./tools";
import { howTo } from "./usage.cjs";

/** Which stack has which token. */
const TOKENS: Readonly<Record<string, string>> = {
  management: "foundation",
  metrics: "access",
  discovery: "access",
  dynamic: "access",
  heartbeat: "access",
  operator: "access",
};

/** `npm run -s token -- NAME`: prints one token and nothing else; on a terminal it warns, on standard error. */
export async function token({ words: [name = ""] }: Asked): Promise<number> {
  const stack = Object.hasOwn(TOKENS, name) ? TOKENS[name] : undefined;
  if (stack === undefined)
    throw new UserError(
      name === "" ? "Which token?" : `There is no token ${JSON.stringify(name)}`,
      `${howTo("token")} NAME is ${Object.keys(TOKENS).join(", ")}.`,
    );
  const settings = readSettings();
  const terraform = await setUpTerraform(settings);
  const secret = await outputOf(settings, terraform, stack, `token-${name}`);
  if (process.stdout.isTTY === true) process.stderr.write(`${colourFor(process.stderr).yellow(warning(name))}\n`);
  process.stdout.write(`${secret}\n`);
  return 0;
}

/** What whoever lets a secret be shown is told. */
export function warning(name: string): string {
  return [
    `The token ${name} is a secret, and stands on this screen and in what the terminal keeps of it. Passed on unseen:`,
    `  export CONSUL_HTTP_TOKEN="$(npm run -s token -- ${name})"`,
    `  (umask 077; npm run -s token -- ${name} > FILE)`,
  ].join("\n");
}
