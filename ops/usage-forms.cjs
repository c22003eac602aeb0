// @ts-check
const { USAGES } = require("./usages.cjs");

/**
 * One way to call a verb.
 * @typedef {object} Form
 * @property {string} action The word that the call begins with, such as `lint`; "" where it begins with none.
 * @property {ReadonlyMap<string, { value: string, choices: readonly string[] }>} options By name. Of one that takes a
 *   value, what that is; "" where it takes none.
 * @property {readonly string[]} needs The words that must follow, as the usage names them.
 * @property {number} most How many words may follow.
 */

/**
 * The ways to call a verb, as its usage has them.
 * @param {string} verb
 * @returns {readonly Form[]}
 */
function formsOf(verb) {
  return (USAGES[verb]?.calls ?? []).map((call) => formOf(call.replace(/^(-s )?\S+( -- )?/, "")));
}

/**
 * @param {string} text
 * @returns {Form}
 */
function formOf(text) {
  /** @type {Map<string, { value: string, choices: readonly string[] }>} */
  const options = new Map();
  const words = text
    .replace(/--([a-z-]+)(?: ([A-Z]+|[a-z]+(?:\|[a-z]+)+)(?![a-z]))?/g, (_, name, value = "") => {
      options.set(name, { value, choices: value.includes("|") ? value.split("|") : [] });
      return "";
    })
    .split(/\s+/)
    .filter((word) => /[A-Za-z]/.test(word));
  const action = words.find((word) => /^[a-z]/.test(word)) ?? "";
  const places = words.filter((word) => word !== action);
  return {
    action,
    options,
    needs: places.filter((word) => !word.startsWith("[")),
    most: places.some((word) => word.includes("...")) ? Number.POSITIVE_INFINITY : places.length,
  };
}

module.exports = { formsOf };
