// The door of every npm command. A fresh clone has no node_modules and Node 20 runs no TypeScript, so this file is
// plain JavaScript without dependencies: it installs what the lock names, once, and hands over to ops/main.ts.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old.\nInstall Node 20.19 or newer.`);
  process.exit(1);
}

// The Terraform state holds every secret, and Terraform writes it with the modes that it is given.
process.umask(0o077);
// Ctrl-C reaches the child by itself; this process only passes on how it ended.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});

installWhatTheLockNames();
const { status, signal } = spawnSync(
  process.execPath,
  ["--import", "tsx", join(root, "ops", "main.ts"), ...process.argv.slice(2)],
  { cwd: root, stdio: "inherit" },
);
process.exit(status ?? 128 + (constants.signals[signal] ?? 0));

function installWhatTheLockNames() {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const stamp = join(root, "node_modules", ".rollcall-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  console.error("installing npm packages (npm ci, about a minute)");
  const { status, error } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    // Standard output belongs to the verb: `npm run -s token` prints one token and nothing else.
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    console.error(`npm ci failed${error ? ` (${error.message})` : ""}.\nRun it again: it continues where it stopped.`);
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}
