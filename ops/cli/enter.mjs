// The door of every command. A fresh clone has no packages and Node 20 runs no TypeScript, so this file is plain
// JavaScript without dependencies: it answers what needs no package, and loads the rest only where something is run.
import { readFileSync } from "node:fs";
import { helpFor } from "./answer.mjs";

/**
 * Runs what a command line asks for, and ends this process with its exit code.
 * @param {URL} folder with `cli/texts.json` and `main.ts`
 * @param {string} called how a person calls it
 */
export async function enter(folder, called) {
  const args = process.argv.slice(2);
  const texts = JSON.parse(readFileSync(new URL("cli/texts.json", folder), "utf8"));
  const help = helpFor(texts, args);
  if (help !== undefined) {
    process.stdout.write(`${help}\n`);
    return;
  }
  if (["--version", "-v", "version"].includes(args[0] ?? "") && args.length === 1) {
    process.stdout.write(
      `${JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version}\n`,
    );
    return;
  }
  const { start } = await import("./start.mjs");
  await start({ folder, called, texts, args });
}
