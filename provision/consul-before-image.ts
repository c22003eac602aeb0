import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { consulRecipe } from "./consul-image.js";
import type { Context } from "./context.js";
import { attempt } from "./failures.js";
import { goBuild, moduleFiles } from "./go.js";
import { keptTar, type Recipe } from "./image-store.js";

/** Raised when this recipe puts the binary into the files in another way; see {@link Recipe}. */
const REVISION = 1;

const MODULE = join(import.meta.dirname, "consul-before");

/**
 * The image of the Consul before the present one: the present one's files with another binary, for trying an upgrade.
 * Made only where `ROLLCALL_CONSUL_VERSION` asks for it: about 10 minutes the first time.
 */
export function consulBeforeRecipe(present: Recipe = consulRecipe()): Recipe {
  // Another version of the present Consul changes none of the files that are taken over.
  const contents = [...moduleFiles(MODULE), `files of revision ${present.revision}`];
  return {
    ...present,
    name: "consul-before",
    revision: REVISION,
    contents,
    pack: (context, tar) => pack(context, present, tar),
  };
}

async function pack(context: Context, present: Recipe, tar: string): Promise<void> {
  const programs = context.cache.workFolder("consul-before-programs");
  await goBuild(context, {
    what: "consul image, the version before",
    aboutSeconds: 600,
    folder: MODULE,
    packages: ["github.com/hashicorp/consul"],
    into: programs,
  });
  const root = context.cache.workFolder("consul-before-root");
  mkdirSync(join(root, "bin"));
  copyFileSync(join(programs, "consul"), join(root, "bin", "consul"));
  chmodSync(join(root, "bin", "consul"), 0o755);
  const base = keptTar(context, present);
  if (base === undefined) await present.pack(context, tar);
  else copyFileSync(base, tar);
  const owner = ["--owner=0", "--group=0", "--numeric-owner", "--mtime=2026-01-01 00:00Z"];
  await attempt("packing the consul image, the version before", async () => {
    await context.run("tar", ["--delete", "--file", tar, "./bin/consul"]);
    await context.run("tar", ["--append", "--file", tar, ...owner, "--directory", root, "./bin/consul"]);
  });
}
