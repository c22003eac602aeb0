import { chmodSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ImageName } from "../lib/docker/images.js";
import type { Context } from "./context.js";
import { aptDownload } from "./debian.js";
import { attempt } from "./failures.js";
import { addProgram, makeFolder } from "./root-folder.js";

/** A user of the image besides root and nobody. */
interface ImageUser {
  readonly name: string;
  readonly uid: string;
  readonly gid: string;
  /** Its home. */
  readonly home: string;
}

/** What belongs to another one than root. */
export interface Owned {
  /** Such as `consul/data`, without a slash before it. */
  readonly paths: readonly string[];
  readonly uid: string;
  readonly gid: string;
}

const FOLDERS = ["bin", "sbin", "usr/bin", "usr/sbin", "etc/ssl/certs", "root", "run", "proc", "sys", "dev", "var/run"];

/** The files of an image that has busybox and nothing else yet, in a folder: `/bin/sh` and one name for each of its tools. */
export async function busyboxRoot(context: Context, image: ImageName, user?: ImageUser): Promise<string> {
  const busybox = await fetchBusybox(context);
  const root = context.cache.workFolder(`${image}-root`);
  for (const folder of FOLDERS) makeFolder(root, folder);
  const files = {
    "etc/passwd": lines(
      "root:x:0:0:root:/root:/bin/sh",
      ...(user === undefined ? [] : [`${user.name}:x:${user.uid}:${user.gid}:${user.name}:${user.home}:/sbin/nologin`]),
      "nobody:x:65534:65534:nobody:/:/sbin/nologin",
    ),
    "etc/group": lines("root:x:0:", ...(user === undefined ? [] : [`${user.name}:x:${user.gid}:`]), "nobody:x:65534:"),
    "etc/nsswitch.conf": lines("hosts: files dns"),
  };
  for (const [path, text] of Object.entries(files)) {
    writeFileSync(join(root, path), text);
    chmodSync(join(root, path), 0o644);
  }
  makeFolder(root, "tmp");
  chmodSync(join(root, "tmp"), 0o1777);
  addProgram(root, busybox, "bin/busybox");
  await linkApplets(context, root, busybox);
  return root;
}

function lines(...all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join("");
}

// Images are made side by side, and a download begins with an empty folder.
const fetched = new WeakMap<Context, Promise<string>>();

function fetchBusybox(context: Context): Promise<string> {
  const unpacked = async () => join(await unpackedPackage(context, "busybox-static"), "bin", "busybox");
  const found = fetched.get(context) ?? unpacked();
  fetched.set(context, found);
  return found;
}

/** The files of one of Debian's packages, in a folder. */
async function unpackedPackage(context: Context, name: string): Promise<string> {
  const file = await aptDownload(context, name);
  const folder = context.cache.workFolder(`${name}-tree`);
  await attempt(`unpacking ${name}`, () => context.run("dpkg-deb", ["-x", file, folder]));
  return folder;
}

const AUTHORITIES = "usr/share/ca-certificates/mozilla";

/** Adds the authorities that Debian trusts to an image's files, where Go looks for them: it asks others by https. */
export async function addAuthorities(context: Context, root: string): Promise<void> {
  const folder = join(await unpackedPackage(context, "ca-certificates"), AUTHORITIES);
  const all = readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8"));
  const file = join(root, "etc/ssl/certs/ca-certificates.crt");
  writeFileSync(file, all.join(""));
  chmodSync(file, 0o644);
}

/** One name for each of busybox's tools, where it says they belong. */
async function linkApplets(context: Context, root: string, busybox: string): Promise<void> {
  const { stdout } = await attempt("listing busybox's tools", () => context.run(busybox, ["--list-full"]));
  for (const path of stdout.split("\n").filter((line) => line !== "")) {
    makeFolder(root, dirname(path));
    if (path !== "bin/busybox") symlinkSync("/bin/busybox", join(root, path));
  }
}

/** Packed with owners and times of our choosing: the same files give the same image, whoever builds it. */
export async function packRoot(context: Context, image: ImageName, root: string, tar: string, owned: Owned) {
  const common = ["--sort=name", "--mtime=2026-01-01 00:00Z", "--numeric-owner", "--directory", root];
  const excluded = owned.paths.map((path) => `--exclude=./${path}`);
  await attempt(`packing the ${image} image`, async () => {
    await context.run("tar", ["--create", "--file", tar, "--owner=0", "--group=0", ...common, ...excluded, "."]);
    const owner = [`--owner=${owned.uid}`, `--group=${owned.gid}`];
    await context.run("tar", [
      "--append",
      "--file",
      tar,
      ...owner,
      ...common,
      ...owned.paths.map((path) => `./${path}`),
    ]);
  });
}
