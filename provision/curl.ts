import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Context } from "./context.js";
import { aptDownloadWhole } from "./debian.js";
import { attempt } from "./failures.js";
import { addProgram } from "./root-folder.js";

const PROGRAM = "usr/bin/curl";
/** Opened by name when a host is looked up, where the C library does not have them in itself. */
const LOOKUPS = ["libnss_files.so.2", "libnss_dns.so.2"];

/**
 * Adds curl and the libraries that it needs, of Debian's packages, to an image's files: busybox has no HTTP client that
 * verifies a certificate.
 */
export async function addCurl(context: Context, root: string): Promise<void> {
  const tree = context.cache.workFolder("curl-tree");
  const packages = await aptDownloadWhole(context, "curl");
  await attempt("adding curl to the image", async () => {
    for (const file of packages) await context.run("dpkg-deb", ["--extract", file, tree]);
    const folders = libraryFolders(tree);
    const loader = folders.flatMap((folder) => named(folder, /^ld-linux.*\.so\.\d+$/))[0];
    if (loader === undefined) throw new Error("the package of the C library has no loader");
    const options = ["--inhibit-cache", "--library-path", folders.join(":"), "--list"];
    const { stdout } = await context.run(loader, [...options, join(tree, PROGRAM)]);
    const { interpreter, libraries } = needs(stdout);
    const lookups = folders.flatMap((folder) => LOOKUPS.map((name) => join(folder, name))).filter(existsSync);
    const into = join("lib", basename(dirname(loader)));
    addProgram(root, join(tree, PROGRAM), PROGRAM);
    addProgram(root, loader, interpreter.slice(1));
    for (const library of [...libraries, ...lookups]) addProgram(root, library, join(into, basename(library)));
  });
}

/** What the loader prints: `libz.so.1 => /path/libz.so.1 (0x…)` a library, and itself by the path that is in the program. */
export function needs(listed: string): { readonly interpreter: string; readonly libraries: readonly string[] } {
  const missing = /^\s*(\S+) => not found$/m.exec(listed)?.[1];
  if (missing !== undefined) throw new Error(`no package has ${missing}`);
  const pairs = [...listed.matchAll(/^\s*(\S+) => (\S+) \(0x/gm)].map(([, name = "", path = ""]) => ({ name, path }));
  const isLoader = ({ name }: { readonly name: string }) => name.startsWith("/");
  const interpreter = pairs.find(isLoader)?.name;
  if (interpreter === undefined) throw new Error("the loader does not tell by which path it is called");
  return { interpreter, libraries: pairs.filter((pair) => !isLoader(pair)).map(({ path }) => path) };
}

/** Such as `lib/x86_64-linux-gnu`, wherever this release has them. */
function libraryFolders(tree: string): readonly string[] {
  return ["lib", "usr/lib"]
    .map((folder) => join(tree, folder))
    .filter(existsSync)
    .flatMap((folder) => named(folder, /^[a-z0-9_]+-linux-gnu/));
}

function named(folder: string, pattern: RegExp): readonly string[] {
  return readdirSync(folder)
    .filter((name) => pattern.test(name))
    .map((name) => join(folder, name));
}
