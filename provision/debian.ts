import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandFailed } from "../lib/process.js";
import { UserError } from "../lib/user-error.js";
import { type AptSource, mainArchive, parseAptSources } from "./apt-sources.js";
import type { Context } from "./context.js";
import { attempt, explain } from "./failures.js";

/** What of this machine decides which steps can be done on it. */
export interface System {
  /** Debian, Ubuntu or one of their kin. */
  readonly debian: boolean;
  readonly root: boolean;
  /** Something starts services here (systemd). */
  readonly services: boolean;
  /** The release's name, such as bookworm; "" where it has none. */
  readonly codename: string;
}

/** Looks at the machine that this runs on. */
export function readSystem(): System {
  const osRelease = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)`, "m").exec(osRelease)?.[1] ?? "";
  return {
    debian: /\b(debian|ubuntu)\b/.test(`${field("ID")} ${field("ID_LIKE")}`),
    root: process.getuid?.() === 0,
    services: existsSync("/run/systemd/system"),
    codename: field("VERSION_CODENAME"),
  };
}

const NON_INTERACTIVE = { DEBIAN_FRONTEND: "noninteractive" };
// Another installation may be at work: wait for it instead of failing.
const WAIT_FOR_APT = ["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"];

// What no key of this machine signed is refused, also where apt's configuration would take it.
const VERIFIED = [
  ...["-o", "APT::Get::AllowUnauthenticated=false"],
  ...["-o", "Acquire::AllowInsecureRepositories=false"],
  ...["-o", "Acquire::AllowDowngradeToInsecureRepositories=false"],
];
const UPDATE = ["update", "-q", ...VERIFIED];

// apt does not wait for another apt that reads the package lists, so ours take turns.
let turn: Promise<unknown> = Promise.resolve();

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = turn.then(work);
  turn = mine.catch(() => {});
  return mine;
}

/** Installs packages on this machine, saying so. */
export function aptInstall(context: Context, ...packages: readonly string[]): Promise<void> {
  return inTurn(() => install(context, packages));
}

async function install(context: Context, packages: readonly string[]): Promise<void> {
  context.report(`installing ${packages.join(", ")} with apt-get`);
  const env = { ...context.env, ...NON_INTERACTIVE };
  await attempt(`installing ${packages.join(", ")}`, async () => {
    await context.run("apt-get", UPDATE, { env });
    const install = ["install", "-q", "-y", "--no-install-recommends", ...VERIFIED, ...WAIT_FOR_APT];
    await context.run("apt-get", [...install, ...packages], { env });
  });
}

/** Downloads a package without installing it and gives the path of its file. */
export function aptDownload(context: Context, name: string): Promise<string> {
  return inTurn(() => download(context, name));
}

async function download(context: Context, name: string): Promise<string> {
  const folder = context.cache.workFolder(`deb-${name}`);
  const [file = ""] = await fetched(context, name, folder, ["download", "-q", ...VERIFIED, ...WAIT_FOR_APT, name]);
  return file;
}

/** Downloads a package and all that it needs, whatever is installed here, and gives the paths of the files. */
export function aptDownloadWhole(context: Context, name: string): Promise<readonly string[]> {
  return inTurn(() => {
    const folder = context.cache.workFolder(`debs-${name}`);
    mkdirSync(join(folder, "partial"));
    writeFileSync(join(folder, "installed"), "");
    // What this machine has stays out of it, and apt's own caches stay as they are.
    const places = {
      "Dir::State::status": join(folder, "installed"),
      "Dir::Cache::archives": folder,
      "Dir::Cache::pkgcache": "",
      "Dir::Cache::srcpkgcache": "",
    };
    const options = Object.entries(places).flatMap(([place, path]) => ["-o", `${place}=${path}`]);
    const install = ["install", "-q", "-y", "--download-only", "--no-install-recommends", ...VERIFIED, ...WAIT_FOR_APT];
    return fetched(context, name, folder, [...install, ...options, name]);
  });
}

async function fetched(
  context: Context,
  name: string,
  folder: string,
  aptGet: readonly string[],
): Promise<readonly string[]> {
  const fetch = () => context.run("apt-get", aptGet, { cwd: folder });
  return attempt(`downloading the package ${name}`, async () => {
    try {
      await fetch();
    } catch (error) {
      // A fresh machine has no package lists yet.
      if (!(error instanceof CommandFailed) || error.reason !== "exit") throw error;
      await context.run("apt-get", UPDATE);
      await fetch();
    }
    const files = readdirSync(folder).filter((entry) => entry.endsWith(".deb"));
    if (files.length === 0) throw new Error(`apt-get left no package file of ${name}`);
    return files.map((file) => join(folder, file));
  });
}

/** The archive that this machine gets its packages from, as apt is configured. */
export function configuredArchive(system: System, folder = "/etc/apt"): AptSource {
  const parts = join(folder, "sources.list.d");
  const files = [
    join(folder, "sources.list"),
    ...(existsSync(parts) ? readdirSync(parts).sort() : [])
      .filter((name) => /\.(list|sources)$/.test(name))
      .map((name) => join(parts, name)),
  ].filter((name) => existsSync(name));
  const archive = mainArchive(
    parseAptSources(files.map((name) => ({ name, text: readFileSync(name, "utf8") }))),
    system.codename,
  );
  if (archive === undefined) {
    throw new UserError(
      `apt's configuration in ${folder} names no archive of ${system.codename || "this release"}`,
      "Add the release's main archive to it: images are made of its packages.",
    );
  }
  // `mirror+file:` names a list of archives; any of them will do.
  const [, list] = /^mirror\+file:\/*(\/.*)$/.exec(archive.uri) ?? [];
  if (list === undefined) return archive;
  const [first] = readFileSync(list, "utf8").split(/\s+/);
  return first === undefined ? archive : { ...archive, uri: first };
}

/** The proxy that apt is configured with, for a tool that does not read apt's configuration. */
export async function aptProxy(context: Context): Promise<Record<string, string>> {
  try {
    const { stdout } = await context.run("apt-config", ["shell", "PROXY", "Acquire::http::Proxy"]);
    const [, proxy] = /^PROXY='(.+)'$/m.exec(stdout) ?? [];
    return proxy === undefined || proxy === "DIRECT" ? {} : { http_proxy: proxy };
  } catch (error) {
    throw explain(error, "reading apt's configuration");
  }
}
