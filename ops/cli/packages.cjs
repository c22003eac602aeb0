// @ts-check
// Plain JavaScript without dependencies: it brings the dependencies.
const { spawnSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const { accessSync, constants, existsSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

/**
 * @typedef {{ version?: string, integrity?: string, link?: boolean, optional?: boolean, peer?: boolean }} Entry
 * @typedef {{ readonly message: string, readonly remedy: string }} Refusal
 */

/**
 * Sees to it that the packages are there that the lock names; quick where they are, also by an `npm ci` of one's own.
 * @param {string} root the folder of this package
 * @returns {Refusal | undefined} why they are not there
 */
function installPackages(root) {
  const lock = textOf(join(root, "package-lock.json"));
  // A package that npm installed has no lock: what it needs was installed with it.
  if (lock === undefined || lock === "") return undefined;
  const hash = createHash("sha256").update(lock).digest("hex");
  const stamp = join(root, "node_modules", ".rollcall-lock");
  const stamped = textOf(stamp);
  if (stamped === hash) return undefined;
  if (stamped === undefined)
    return {
      message: `You are not permitted to read the npm packages in ${join(root, "node_modules")}`,
      remedy: "Work in a clone of your own, or have their owner run `chmod -R go+rX node_modules` in this one.",
    };
  if (isInstalled(root, lock)) {
    remember(stamp, hash);
    return undefined;
  }
  const closed = [root, join(root, "node_modules")].find((folder) => existsSync(folder) && !isWritable(folder));
  if (closed !== undefined)
    return {
      message: `The npm packages of this clone are missing or out of date, and you are not permitted to write to ${closed}`,
      remedy: "Have its owner run `npm ci` there, or work in a clone of your own.",
    };
  return install(root, stamp, hash);
}

/**
 * Others on this machine may read the packages as they may read the clone: no secret is in them.
 * @param {string} root
 * @param {string} stamp
 * @param {string} hash
 * @returns {Refusal | undefined}
 */
function install(root, stamp, hash) {
  console.error("installing npm packages (npm ci, about a minute)");
  const before = process.umask(0o022);
  try {
    const { status, error } = spawnSync(
      "npm",
      ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
      {
        cwd: root,
        // Standard output belongs to the verb: `npx rollcall token` prints one token and nothing else.
        stdio: ["ignore", 2, 2],
        // Another verb's `--dry-run` or `--json` is nothing for npm here.
        env: { ...process.env, npm_config_dry_run: "false", npm_config_json: "false" },
        shell: process.platform === "win32",
      },
    );
    if (error !== undefined && "code" in error && error.code === "ENOENT")
      return { message: "npm is not on your PATH", remedy: "Install it (it comes with Node), and run this again." };
    if (status !== 0)
      return {
        message: `npm ci failed${error ? ` (${error.message})` : ""}.`,
        remedy: "npm says why above. Where no registry answers, correct the network or npm's configuration first.",
      };
    remember(stamp, hash);
    return undefined;
  } finally {
    process.umask(before);
  }
}

/**
 * Whether the packages are there, by npm's own record of what it installed. What a platform does not need may be missing.
 * @param {string} root
 * @param {string} lock
 */
function isInstalled(root, lock) {
  const record = textOf(join(root, "node_modules", ".package-lock.json"));
  if (record === undefined || record === "") return false;
  const [wanted, found] = [packagesOf(lock), packagesOf(record)];
  return (
    Object.entries(wanted)
      .filter(([path]) => path.startsWith("node_modules/"))
      .every(
        ([path, entry]) => isSame(entry, found[path]) && (found[path] === undefined || existsSync(join(root, path))),
      ) && Object.keys(found).every((path) => path in wanted)
  );
}

/**
 * @param {Entry} wanted
 * @param {Entry | undefined} found
 */
function isSame(wanted, found) {
  if (found === undefined) return wanted.optional === true;
  return wanted.version === found.version && wanted.integrity === found.integrity && wanted.link === found.link;
}

/**
 * @param {string} text
 * @returns {Readonly<Record<string, Entry>>}
 */
function packagesOf(text) {
  try {
    return JSON.parse(text).packages ?? {};
  } catch {
    return {};
  }
}

/**
 * @param {string} file
 * @returns {string | undefined} "" where it is not there, undefined where it may not be read
 */
function textOf(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : "";
    if (code === "EACCES") return undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return "";
    throw error;
  }
}

/**
 * Whoever may only read this clone compares again next time.
 * @param {string} stamp
 * @param {string} hash
 */
function remember(stamp, hash) {
  try {
    writeFileSync(stamp, hash, { mode: 0o644 });
  } catch {}
}

/** @param {string} folder */
function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

module.exports = { installPackages, isInstalled };
