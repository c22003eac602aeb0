// @ts-check
const { USAGES } = require("./usages.cjs");

/**
 * How a verb is called, as the remedy of a mistake in calling it.
 * @param {string} verb
 * @returns {string}
 */
function howTo(verb) {
  const calls = (USAGES[verb]?.calls ?? []).map((call) => `\`npm run ${call}\``);
  return `Run ${calls.join(" or ")}.`;
}

/**
 * What to do instead of an option that the verb does not have: what shows the outcome for those who wanted to see it
 * beforehand, else how the verb is called.
 * @param {string} verb
 * @param {string} option
 * @returns {string}
 */
function insteadOf(verb, option) {
  const trial = ["dry-run", "plan", "preview", "n"].includes(option) ? USAGES[verb]?.trial : undefined;
  return trial ?? howTo(verb);
}

/**
 * What `npm run VERB -- --help` prints.
 * @param {string} verb one of `USAGES`
 * @returns {string}
 */
function help(verb) {
  const { calls = [], does = "", more } = USAGES[verb] ?? {};
  return [...calls.map((call) => `npm run ${call}`), "", `${does}.`, ...(more === undefined ? [] : ["", ...more])].join(
    "\n",
  );
}

/**
 * Every verb with a line.
 * @returns {string}
 */
function helpOfAll() {
  const width = Math.max(...Object.keys(USAGES).map((verb) => verb.length));
  const lines = Object.entries(USAGES).map(([verb, { does }]) => `  ${verb.padEnd(width)}  ${does}`);
  return ["npm run VERB [-- OPTIONS]; `npm run VERB -- --help` tells more of one.", "", ...lines].join("\n");
}

module.exports = { help, helpOfAll, howTo, insteadOf };
