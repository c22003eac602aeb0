import { readSettings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import { outputOf } from "./live";
import { setUpTerraform } from "./tools";

/** Which stack has which token. */
const TOKENS: Readonly<Record<string, string>> = {
  management: "foundation",
  metrics: "access",
  discovery: "access",
  dynamic: "access",
  heartbeat: "access",
  operator: "access",
};

/** `npm run -s token -- NAME`: prints one token and nothing else. */
export async function token([name = ""]: readonly string[]): Promise<number> {
  const stack = Object.hasOwn(TOKENS, name) ? TOKENS[name] : undefined;
  if (stack === undefined)
    throw new UserError(
      name === "" ? "Which token?" : `There is no token ${JSON.stringify(name)}`,
      `Say \`npm run -s token -- NAME\`, where NAME is ${Object.keys(TOKENS).join(", ")}.`,
    );
  const settings = readSettings();
  const terraform = await setUpTerraform(settings);
  process.stdout.write(`${await outputOf(settings, terraform, stack, `token-${name}`)}\n`);
  return 0;
}
