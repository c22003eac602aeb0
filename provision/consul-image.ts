import { chmodSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Context } from "./context.js";
import { addCurl } from "./curl.js";
import { aptDownload } from "./debian.js";
import { attempt } from "./failures.js";
import { goBuild, moduleFiles } from "./go.js";
import type { Recipe } from "./image-store.js";
import { addProgram, makeFolder } from "./root-folder.js";

/** Raised when this recipe makes another image of the same Consul; see {@link Recipe}. */
const REVISION = 2;

const MODULE = join(import.meta.dirname, "consul");
// The official image's numbers, so that volumes and `user` mean the same under either image.
const CONSUL_OWNED = ["consul", "home/consul"];
const CONSUL_UID = "100";
const CONSUL_GID = "1000";

const FOLDERS = ["bin", "sbin", "usr/bin", "usr/sbin", "etc/ssl/certs", "root", "run", "proc", "sys", "dev", "var/run"];
const FILES: Readonly<Record<string, string>> = {
  "etc/passwd": [
    "root:x:0:0:root:/root:/bin/sh",
    `consul:x:${CONSUL_UID}:${CONSUL_GID}:consul:/home/consul:/sbin/nologin`,
    "nobody:x:65534:65534:nobody:/:/sbin/nologin",
    "",
  ].join("\n"),
  "etc/group": `root:x:0:\nconsul:x:${CONSUL_GID}:\nnobody:x:65534:\n`,
  "etc/nsswitch.conf": "hosts: files dns\n",
};

/** Consul on busybox and with curl, as the official image is: about 10 minutes the first time, seconds when Go has it compiled. */
export function consulRecipe(): Recipe {
  return {
    name: "consul",
    revision: REVISION,
    contents: moduleFiles(MODULE),
    machine: [process.arch],
    // The official image declares this volume too: what mounts nothing there gets one without a name.
    volumes: ["/consul/data"],
    pack,
  };
}

async function pack(context: Context, tar: string): Promise<void> {
  const programs = context.cache.workFolder("consul-programs");
  const [busybox] = await Promise.all([
    fetchBusybox(context),
    goBuild(context, {
      what: "consul image",
      aboutSeconds: 600,
      folder: MODULE,
      packages: ["github.com/hashicorp/consul"],
      into: programs,
    }),
  ]);
  const root = context.cache.workFolder("consul-root");
  for (const folder of FOLDERS) makeFolder(root, folder);
  for (const [path, text] of Object.entries(FILES)) writeFileSync(join(root, path), text);
  for (const path of Object.keys(FILES)) chmodSync(join(root, path), 0o644);
  for (const folder of ["consul/data", "consul/config", "home/consul"]) makeFolder(root, folder);
  makeFolder(root, "tmp");
  chmodSync(join(root, "tmp"), 0o1777);
  addProgram(root, join(programs, "consul"), "bin/consul");
  addProgram(root, busybox, "bin/busybox");
  await linkApplets(context, root, busybox);
  await addCurl(context, root);
  await packTar(context, root, tar);
}

async function fetchBusybox(context: Context): Promise<string> {
  const file = await aptDownload(context, "busybox-static");
  const folder = context.cache.workFolder("busybox");
  await attempt("unpacking busybox-static", () => context.run("dpkg-deb", ["-x", file, folder]));
  return join(folder, "bin", "busybox");
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
async function packTar(context: Context, root: string, tar: string): Promise<void> {
  const common = ["--sort=name", "--mtime=2026-01-01 00:00Z", "--numeric-owner", "--directory", root];
  const excluded = CONSUL_OWNED.map((path) => `--exclude=./${path}`);
  const owned = CONSUL_OWNED.map((path) => `./${path}`);
  await attempt("packing the consul image", async () => {
    await context.run("tar", ["--create", "--file", tar, "--owner=0", "--group=0", ...common, ...excluded, "."]);
    const owner = [`--owner=${CONSUL_UID}`, `--group=${CONSUL_GID}`];
    await context.run("tar", ["--append", "--file", tar, ...owner, ...common, ...owned]);
  });
}
