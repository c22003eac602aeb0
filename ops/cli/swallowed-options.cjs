// @ts-check
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

/**
 * What people type who expect a verb to have it. Not `yes`: `npx --yes` leaves that in the environment too, and whatever
 * `--yes` answers asks, or refuses, where it did not arrive.
 */
const EXPECTED = ["dry-run", "json", "force", "plan", "preview"];

/**
 * The refusal of an option that was typed without `--` before it, as in `npm run status --json`: npm takes it for its
 * own, and leaves `npm_config_json=true` in the environment. What a file or a variable of npm's configuration sets was
 * not typed for this verb.
 * @param {string} verb
 * @param {readonly string[]} options the verb's own
 * @param {Readonly<Record<string, string | undefined>>} env
 * @param {string} [called] how a person calls the program
 * @returns {{ readonly message: string, readonly remedy: string } | undefined}
 */
function swallowedOption(verb, options, env, called = "npx rollcall") {
  // A verb that was not started by npm, such as `node ops/run.mjs up`, gets all that was typed.
  if (env.npm_lifecycle_event === undefined) return undefined;
  for (const name of new Set([...options, ...EXPECTED])) {
    if (name === "yes") continue;
    const key = name.replaceAll("-", "_");
    const value = env[`npm_config_${key}`];
    if (value === undefined || ["", "false", "null"].includes(value)) continue;
    if (env[`NPM_CONFIG_${key.toUpperCase()}`] !== undefined || isConfigured(name, env)) continue;
    return options.includes(name)
      ? {
          message: `npm took --${name} for itself, and \`${verb}\` never saw it`,
          remedy: `Run \`${called} ${verb} --${name}\`, or put \`--\` before the option.`,
        }
      : {
          message: `\`${verb}\` has no option --${name}, and npm took it for itself`,
          remedy: `Run \`${called} ${verb} --help\`.`,
        };
  }
  return undefined;
}

/**
 * Whether one of npm's files sets it.
 * @param {string} name
 * @param {Readonly<Record<string, string | undefined>>} env
 */
function isConfigured(name, env) {
  const project = env.npm_config_local_prefix;
  const files = [env.npm_config_userconfig, env.npm_config_globalconfig, project && join(project, ".npmrc")];
  return files.some((file) => file !== undefined && file !== "" && sets(file, name));
}

/**
 * @param {string} file
 * @param {string} name
 */
function sets(file, name) {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .some((line) => line.split("=")[0]?.trim() === name);
  } catch {
    return false;
  }
}

module.exports = { swallowedOption };
