// @ts-check
// What a person typed, read before anything is installed and before anything is looked at: plain JavaScript without
// dependencies, for `ops/run.mjs`. The verbs get it through `ops/options.ts`.
const { parseArgs } = require("node:util");
const { nearest } = require("../lib/nearest.cjs");
const { swallowedOption } = require("./swallowed-options.cjs");
const { help, helpOfAll, howTo, insteadOf } = require("./usage.cjs");
const { formsOf } = require("./usage-forms.cjs");
const { USAGES } = require("./usages.cjs");

/** @typedef {{ readonly message: string, readonly remedy: string }} Refusal */

/**
 * What a verb was asked for.
 * @typedef {object} Asked
 * @property {ReadonlyMap<string, string>} named Of each `--name VALUE`, by name.
 * @property {ReadonlySet<string>} flags Each `--name` without a value that was given.
 * @property {string} action The word that says what to do, such as `lint`; "" where none was given.
 * @property {readonly string[]} words The other words, in order.
 */

/**
 * Reads the whole command line.
 * @param {readonly string[]} argv the verb and its arguments
 * @param {Readonly<Record<string, string | undefined>>} env npm leaves in it the options that it took for its own
 * @returns {{ readonly text: string } | { readonly refusal: Refusal } | { readonly verb: string, readonly asked: Asked }}
 *   what to print, why it is refused, or what to run
 */
function readCommandLine(argv, env) {
  const [verb = "", ...args] = argv;
  if (["", "help", "--help", "-h"].includes(verb))
    return args[0] === undefined
      ? { text: helpOfAll() }
      : args[1] === undefined
        ? helpOf(args[0])
        : surplusAfter("help VERB", args[1]);
  if (["--version", "-v", "version"].includes(verb))
    return args[0] === undefined ? { text: require("../package.json").version } : surplusAfter(verb, args[0]);
  if (!Object.hasOwn(USAGES, verb)) return { refusal: noVerb(verb) };
  const untilDashes = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  if (untilDashes.some((each) => each === "--help" || each === "-h")) return { text: help(verb) };
  const names = formsOf(verb).flatMap(({ options }) => [...options.keys()]);
  const swallowed = swallowedOption(verb, names, env);
  if (swallowed !== undefined) return { refusal: swallowed };
  const read = readArguments(verb, args);
  return "refusal" in read ? read : { verb, asked: read.asked };
}

/**
 * @param {string} words
 * @param {string} surplus
 * @returns {{ readonly refusal: Refusal }}
 */
function surplusAfter(words, surplus) {
  return {
    refusal: {
      message: `\`${words}\` does not take ${JSON.stringify(surplus)}`,
      remedy: `Run \`node ops/run.mjs ${words}\`.`,
    },
  };
}

/** @param {string} verb */
function helpOf(verb) {
  return Object.hasOwn(USAGES, verb) ? { text: help(verb) } : { refusal: noVerb(verb) };
}

/**
 * @param {string} verb
 * @returns {Refusal}
 */
function noVerb(verb) {
  const meant = nearest(verb, [...Object.keys(USAGES), "help", "version"]);
  return {
    message: `There is no verb ${JSON.stringify(verb)}`,
    remedy: meant === undefined ? `The verbs are ${Object.keys(USAGES).join(", ")}.` : `Did you mean \`${meant}\`?`,
  };
}

/**
 * Reads a verb's arguments by its usage.
 * @param {string} verb
 * @param {readonly string[]} args
 * @returns {{ readonly asked: Asked } | { readonly refusal: Refusal }} it is refused where the usage has no such word
 *   or option, where one is missing, and where a word is empty, as of a variable that is not set
 */
function readArguments(verb, args) {
  const forms = formsOf(verb);
  const every = new Map(forms.flatMap(({ options }) => [...options]));
  const types = [...every].map(([name, { value }]) => [name, { type: value === "" ? "boolean" : "string" }]);
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(types),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const typed = tokens.flatMap((token) => (token.kind === "option" ? [token] : []));
  const given = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  /** @type {(message: string, meant?: string) => { readonly refusal: Refusal }} */
  const refused = (message, meant) => ({
    refusal: { message, remedy: `${meant === undefined ? "" : `Did you mean \`${meant}\`? `}${howTo(verb)}` },
  });
  /** @type {(name: string, known: ReadonlyMap<string, unknown>) => ReturnType<typeof refused> | undefined} */
  const strange = (name, known) => {
    const stranger = typed.find((token) => !known.has(token.name));
    if (stranger === undefined) return undefined;
    const message = `\`${name}\` has no option ${stranger.rawName}`;
    const meant = meantBy(stranger.name, [...known.keys()]);
    return meant === undefined
      ? { refusal: { message, remedy: insteadOf(verb, stranger.name) } }
      : refused(message, meant);
  };

  if (given.includes("")) return refused(`An argument of \`${verb}\` is empty`);
  if (given[0] === "help") return refused(`\`${verb}\` takes no word "help"`, `npm run ${verb} -- --help`);
  const unknown = strange(verb, every);
  if (unknown !== undefined) return unknown;

  const actions = [...new Set(forms.map((form) => form.action))];
  const [first = ""] = actions.some((each) => each !== "") ? given : [];
  // A verb that takes words also without an action: a word that is none is one of those.
  const takesAny = forms.some((form) => form.action === "" && form.most > 0);
  const action = takesAny && !actions.includes(first) ? "" : first;
  if (!actions.includes(action)) {
    const known = actions.filter(Boolean);
    return action === ""
      ? refused(`\`${verb}\` needs to be told what: ${known.join(", ")}`)
      : refused(`\`${verb}\` knows no ${JSON.stringify(action)}`, nearest(action, known));
  }
  const called = forms.filter((form) => form.action === action);
  const name = action === "" ? verb : `${verb} ${action}`;
  const options = new Map(called.flatMap((form) => [...form.options]));
  const elsewhere = strange(name, options);
  if (elsewhere !== undefined) return elsewhere;

  const named = new Map();
  const flags = new Set();
  for (const { name: option, value } of typed) {
    const { value: takes, choices } = options.get(option) ?? { value: "", choices: [] };
    if (takes === "") {
      if (value !== undefined) return refused(`--${option} takes no value`);
      flags.add(option);
      continue;
    }
    if (value === undefined || value === "") return refused(`--${option} needs a value: ${takes}`);
    if (choices.length > 0 && !choices.includes(value))
      return refused(`--${option} takes ${choices.join(", ")}, not ${JSON.stringify(value)}`, nearest(value, choices));
    named.set(option, value);
  }

  const words = given.slice(action === "" ? 0 : 1);
  const surplus = words[Math.max(...called.map(({ most }) => most))];
  if (surplus !== undefined) return refused(`\`${name}\` does not take ${JSON.stringify(surplus)}`);
  const [missing] = called.map(({ needs }) => needs[words.length]);
  if (missing !== undefined) return refused(`\`${name}\` needs ${missing}`);
  return { asked: { named, flags, action, words } };
}

/**
 * The option that was probably meant, also by its first letter.
 * @param {string} typed
 * @param {readonly string[]} known
 */
function meantBy(typed, known) {
  const meant = nearest(typed, known) ?? known.find((each) => typed.length === 1 && each.startsWith(typed));
  return meant === undefined ? undefined : `--${meant}`;
}

module.exports = { readArguments, readCommandLine };
