import { join } from "node:path";
import { addAuthorities, busyboxRoot, packRoot } from "./busybox-image.js";
import type { Context } from "./context.js";
import type { Addition } from "./debian-image.js";
import { attempt } from "./failures.js";
import { goBuild, moduleFiles } from "./go.js";
import type { Recipe } from "./image-store.js";
import { PROMETHEUS_FLAGS } from "./promtool.js";
import { addProgram, makeFolder } from "./root-folder.js";

/** Raised when this recipe makes other images of the same programs; see {@link Recipe}. */
const REVISION = 1;

// `nobody`, to whom the data belongs in the official images.
const NOBODY = "65534";

type Name = "prometheus" | "alertmanager";

interface GoImage {
  readonly module: string;
  readonly packages: readonly string[];
  readonly flags: readonly string[];
  readonly aboutSeconds: number;
}

const IMAGES: Readonly<Record<Name, GoImage>> = {
  prometheus: {
    module: join(import.meta.dirname, "prometheus"),
    packages: ["github.com/prometheus/prometheus/cmd/prometheus"],
    flags: PROMETHEUS_FLAGS,
    aboutSeconds: 240,
  },
  alertmanager: {
    module: join(import.meta.dirname, "alertmanager"),
    packages: ["github.com/prometheus/alertmanager/cmd/alertmanager", "github.com/prometheus/alertmanager/cmd/amtool"],
    flags: ["-trimpath"],
    aboutSeconds: 90,
  },
};

/** Prometheus or Alertmanager on busybox, as the official image is. The module of Prometheus has no web interface in it. */
export function monitoringRecipe(name: Name): Recipe {
  return {
    name,
    revision: REVISION,
    contents: moduleFiles(IMAGES[name].module),
    machine: [process.arch],
    volumes: [`/${name}`],
    pack: (context, tar) => pack(context, name, tar),
  };
}

async function pack(context: Context, name: Name, tar: string): Promise<void> {
  const { module, packages, flags, aboutSeconds } = IMAGES[name];
  const programs = context.cache.workFolder(`${name}-programs`);
  const [root] = await Promise.all([
    busyboxRoot(context, name),
    goBuild(context, { what: `${name} image`, aboutSeconds, folder: module, packages, flags, into: programs }),
  ]);
  for (const path of packages) {
    const program = path.split("/").at(-1) ?? "";
    addProgram(root, join(programs, program), `bin/${program}`);
  }
  makeFolder(root, name);
  if (name === "alertmanager") await addAuthorities(context, root);
  await packRoot(context, name, root, tar, { paths: [name], uid: NOBODY, gid: NOBODY });
}

/** The blackbox exporter has Debian's name in Debian's package: here it has the official image's as well. */
export const BLACKBOX: Addition = {
  content: "bin/blackbox_exporter",
  add: async (context, root) => {
    await attempt("naming the blackbox exporter", () =>
      context.run("ln", ["-sf", "/usr/bin/prometheus-blackbox-exporter", join(root, "bin/blackbox_exporter")]),
    );
  },
};
