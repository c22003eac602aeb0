import { join } from "node:path";
import { busyboxRoot, packRoot } from "./busybox-image.js";
import type { Context } from "./context.js";
import { addCurl } from "./curl.js";
import { goBuild, moduleFiles } from "./go.js";
import type { Recipe } from "./image-store.js";
import { addProgram, makeFolder } from "./root-folder.js";

/** Raised when this recipe makes another image of the same Consul; see {@link Recipe}. */
const REVISION = 2;

const MODULE = join(import.meta.dirname, "consul");
// The official image's numbers, so that volumes and `user` mean the same under either image.
const CONSUL = { name: "consul", uid: "100", gid: "1000", home: "/home/consul" } as const;

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
  const [root] = await Promise.all([
    busyboxRoot(context, "consul", CONSUL),
    goBuild(context, {
      what: "consul image",
      aboutSeconds: 600,
      folder: MODULE,
      packages: ["github.com/hashicorp/consul"],
      into: programs,
    }),
  ]);
  for (const folder of ["consul/data", "consul/config", "home/consul"]) makeFolder(root, folder);
  addProgram(root, join(programs, "consul"), "bin/consul");
  await addCurl(context, root);
  const { uid, gid } = CONSUL;
  await packRoot(context, "consul", root, tar, { paths: ["consul", "home/consul"], uid, gid });
}
