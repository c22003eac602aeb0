// Has Node run TypeScript: `node --import ./ops/tsx.mjs FILE`. tsx keeps what it compiled in the temporary folder, under
// a name that anybody can work out, and runs what it finds there: whoever makes that folder first has code of theirs
// run as us. So tsx is given a folder that only we can write to (docs/decisions/029-compiled-code.md).
import { lstatSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "node_modules", ".cache", "rollcall");
const { TMPDIR, TSX_DISABLE_CACHE } = process.env;
if (isOurs(folder)) process.env.TMPDIR = folder;
else process.env.TSX_DISABLE_CACHE = "1";
await import("tsx");
// What is started from here has the person's own temporary folder, and where it is tsx, no cache in it.
set("TMPDIR", TMPDIR);
process.env.TSX_DISABLE_CACHE = TSX_DISABLE_CACHE || "1";

/** Made, or there already, a folder of ours that nobody else may write to. */
function isOurs(path) {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const made = lstatSync(path);
    const { uid, mode } = made;
    return made.isDirectory() && (process.geteuid === undefined || (uid === process.geteuid() && (mode & 0o022) === 0));
  } catch {
    return false;
  }
}

function set(name, value) {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
