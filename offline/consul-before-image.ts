import { chmodSync, copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { keyOf } from "./cache";
import { consulRecipe } from "./consul-image";
import type { Context } from "./context";
import { attempt } from "./failures";
import { goBuild, moduleKey } from "./go";
import { type Recipe, tarFile } from "./image-store";

const MODULE = join(__dirname, "consul-before");

/**
 * The image of the Consul before the present one: the present one's files with another binary, for trying an upgrade.
 * Made only where `ROLLCALL_CONSUL_VERSION` asks for it: about 10 minutes the first time.
 */
export function consulBeforeRecipe(): Recipe {
  const present = consulRecipe();
  const key = keyOf(moduleKey(MODULE), present.key);
  return { ...present, name: "consul-before", key, pack };
}

async function pack(context: Context, tar: string): Promise<void> {
  const present = consulRecipe();
  const base = tarFile(context, present);
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
  if (existsSync(base)) copyFileSync(base, tar);
  else await present.pack(context, tar);
  const owner = ["--owner=0", "--group=0", "--numeric-owner", "--mtime=2026-01-01 00:00Z"];
  await attempt("packing the consul image, the version before", async () => {
    await context.run("tar", ["--delete", "--file", tar, "./bin/consul"]);
    await context.run("tar", ["--append", "--file", tar, ...owner, "--directory", root, "./bin/consul"]);
  });
}
