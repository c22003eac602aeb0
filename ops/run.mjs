// The door of every npm command. A fresh clone has no node_modules and Node 20 runs no TypeScript, so this file is
// plain JavaScript without dependencies: it answers what needs no package, installs what the lock names, once, and
// hands over to ops/main.ts.
import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19))
  end(`Node ${process.versions.node} is too old.`, "Install Node 20.19 or newer.");

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { readCommandLine } = await import("./command-line.cjs");
const read = readCommandLine(process.argv.slice(2), process.env);
if ("text" in read) {
  console.log(read.text);
  process.exit(0);
}
if ("refusal" in read) end(read.refusal.message, read.refusal.remedy);

// npm, tsc and others keep compiled code of theirs in a folder of the temporary one whose name anybody can work out.
if (process.env.NODE_COMPILE_CACHE === undefined) process.env.NODE_DISABLE_COMPILE_CACHE ??= "1";
// Ctrl-C reaches the child by itself; this process only passes on how it ended.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
const { installPackages } = await import("./packages.cjs");
const refusal = installPackages(root);
if (refusal !== undefined) end(refusal.message, refusal.remedy);

// The Terraform state holds every secret, and Terraform writes it with the modes that it is given.
process.umask(0o077);
const { status, signal } = spawnSync(
  process.execPath,
  [
    "--import",
    pathToFileURL(join(root, "ops", "tsx.mjs")).href,
    join(root, "ops", "main.ts"),
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: "inherit", env: { ...process.env, INIT_CWD: startFolder() } },
);
process.exit(status ?? 128 + (constants.signals[signal] ?? 0));

/** Refuses a folder that was removed while the person stands in it: no relative path would mean anything. */
function hereOrEnd() {
  try {
    return process.cwd();
  } catch {
    return end("The folder in which you stand is gone.", "Go to another one, and run this again.");
  }
}

/** Where the person stands: npm starts its scripts in the clone and says where it was called. */
function startFolder() {
  const { INIT_CWD: calledIn, npm_package_json: project = "" } = process.env;
  // A script of another project may call this file, and its INIT_CWD is that script's.
  const here = hereOrEnd();
  const isOurScript = here === root && isFile(project, join(root, "package.json"));
  return isOurScript && calledIn ? calledIn : here;
}

function isFile(path, file) {
  return existsSync(path) && realpathSync(path) === realpathSync(file);
}

function end(message, remedy) {
  console.error([message, remedy].filter(Boolean).join("\n"));
  process.exit(1);
}
