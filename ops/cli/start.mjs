// Starts a verb: refuses what can be refused without a package, finds the project, installs what the lock names, and
// hands over to main.ts.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isVerb, pathOf, wordsOf } from "./answer.mjs";

const require = createRequire(import.meta.url);
/** The package: where the code is. */
const PACKAGE = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** What makes a folder a project. */
const PROJECT_FILE = "cdktf.json";
const CALLED_WRONGLY = 64;

/**
 * @param {object} call
 * @param {URL} call.folder with `main.ts`
 * @param {string} call.called how a person calls it
 * @param {import("./answer.mjs").Texts} call.texts
 * @param {readonly string[]} call.args
 */
export async function start({ folder, called, texts, args }) {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    end(`Node ${process.versions.node} is too old.`, "Install Node 20.19 or newer.");
  refuseUnknown(texts, args, called);
  const startFolder = whereThePersonStands();
  const project = projectAbove(startFolder);
  if (project === undefined)
    end(
      `There is no Rollcall project in ${startFolder} or above it: no ${PROJECT_FILE}.`,
      "Go to your project's folder, and run this again.",
      CALLED_WRONGLY,
    );

  // npm, tsc and others keep compiled code of theirs in a folder of the temporary one whose name anybody can work out.
  if (process.env.NODE_COMPILE_CACHE === undefined) process.env.NODE_DISABLE_COMPILE_CACHE ??= "1";
  // Ctrl-C reaches the child by itself; this process only passes on how it ended.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
  const { installPackages } = require("./packages.cjs");
  const refusal = installPackages(PACKAGE);
  if (refusal !== undefined) end(refusal.message, refusal.remedy);

  // The Terraform state holds every secret, and Terraform writes it with the modes that it is given.
  process.umask(0o077);
  const tsx = pathToFileURL(join(PACKAGE, "ops", "tsx.mjs")).href;
  const { status, signal } = spawnSync(
    process.execPath,
    ["--import", tsx, fileURLToPath(new URL("main.ts", folder)), ...args],
    { cwd: project, stdio: "inherit", env: { ...process.env, INIT_CWD: startFolder } },
  );
  process.exit(status ?? 128 + (constants.signals[signal] ?? 0));
}

/**
 * @param {import("./answer.mjs").Texts} texts
 * @param {readonly string[]} args
 * @param {string} called
 */
function refuseUnknown(texts, args, called) {
  const words = args[0] === "help" ? args.slice(1) : wordsOf(args);
  const [verb] = words;
  const verbs = Object.keys(texts).filter((path) => path !== "" && !path.includes(" "));
  if (args[0] === "help" || (verb !== undefined && !isVerb(texts, verb))) {
    const unknown = args[0] === "help" ? words.join(" ") : verb;
    const { nearest } = require("../../lib/nearest-word.cjs");
    const meant = nearest(unknown, [...verbs, "help", "version"]);
    end(
      `There is no verb ${JSON.stringify(unknown)}`,
      `${meant === undefined ? "" : `Did you mean \`${meant}\`? `}Run \`${called} help\`.`,
      CALLED_WRONGLY,
    );
  }
  const path = pathOf(texts, words);
  const { swallowedOption } = require("./swallowed-options.cjs");
  const swallowed = swallowedOption(path, texts[path]?.options ?? [], process.env, called);
  if (swallowed !== undefined) end(swallowed.message, swallowed.remedy, CALLED_WRONGLY);
}

/** npm runs its scripts in the package's folder, and says where it was called. */
function whereThePersonStands() {
  const { INIT_CWD: calledIn, npm_lifecycle_event: script, npm_package_json: manifest = "" } = process.env;
  let here;
  try {
    here = process.cwd();
  } catch {
    return end("The folder in which you stand is gone.", "Go to another one, and run this again.");
  }
  // `npx` runs it where the person stands. A script of another package may start this one, too.
  const isScript = script !== undefined && script !== "npx" && dirname(manifest) === here;
  return isScript && calledIn ? calledIn : here;
}

/**
 * The project's folder: the nearest one at or above where the person stands; else the clone in which this code is.
 * @param {string} from
 * @returns {string | undefined}
 */
function projectAbove(from) {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, PROJECT_FILE))) return folder;
    if (dirname(folder) === folder) break;
  }
  return existsSync(join(PACKAGE, PROJECT_FILE)) ? PACKAGE : undefined;
}

/**
 * @param {string} message
 * @param {string} remedy
 * @param {number} [code]
 * @returns {never}
 */
function end(message, remedy, code = 1) {
  process.stderr.write(`${[message, remedy].filter(Boolean).join("\n")}\n`);
  process.exit(code);
}
