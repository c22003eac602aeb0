// What a command line is answered with before any package is installed: plain JavaScript without dependencies.

/**
 * @typedef {{ readonly help: string, readonly options: readonly string[] }} CommandText
 * @typedef {Readonly<Record<string, CommandText>>} Texts
 */

/**
 * The text that is asked for by `--help`, `-h`, `help` or no word at all.
 * @param {Texts} texts by the command's path
 * @param {readonly string[]} args
 * @returns {string | undefined} undefined where no help is asked for, or where there is none for these words
 */
export function helpFor(texts, args) {
  const [first = "help"] = args;
  if (first === "help") {
    const asked = args.slice(1).join(" ");
    return texts[["help", "version"].includes(asked) ? "" : asked]?.help;
  }
  const dashes = args.indexOf("--");
  const before = dashes < 0 ? args : args.slice(0, dashes);
  if (!before.includes("--help") && !before.includes("-h")) return undefined;
  const words = wordsOf(before);
  return words.length > 0 && !isVerb(texts, words[0]) ? undefined : texts[pathOf(texts, words)]?.help;
}

/**
 * The words of a command line that are no options, nor the file of `--config`, which may stand before the verb.
 * @param {readonly string[]} args
 */
export function wordsOf(args) {
  return args.filter((word, index) => !word.startsWith("-") && args[index - 1] !== "--config");
}

/**
 * The command that a command line means: as many of its first words as name one.
 * @param {Texts} texts
 * @param {readonly string[]} words
 * @returns {string} such as `catalog lint`; "" where the first word is no verb
 */
export function pathOf(texts, words) {
  const deeper = words.slice(0, 2).join(" ");
  if (words.length > 1 && isVerb(texts, deeper)) return deeper;
  return isVerb(texts, words[0]) ? (words[0] ?? "") : "";
}

/**
 * @param {Texts} texts
 * @param {string | undefined} name
 */
export function isVerb(texts, name) {
  return name !== undefined && name !== "" && Object.hasOwn(texts, name);
}
