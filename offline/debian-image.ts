import { join } from "node:path";
import type { ImageName } from "../lib/docker/images";
import { CommandFailed } from "../lib/process";
import { type Context, timed } from "./context";
import { aptInstall, aptProxy, configuredArchive, type System } from "./debian";
import { attempt } from "./failures";
import type { Recipe } from "./image-store";

/** Raised when this recipe makes other images of the same packages; see {@link Recipe}. */
const REVISION = 1;

// What a running container never reads.
const LEFT_OUT = [
  "./var/cache/apt/*",
  "./var/cache/debconf/*",
  "./var/lib/apt/lists/*",
  "./var/log/*",
  "./usr/share/doc/*",
  "./usr/share/info/*",
  "./usr/share/lintian/*",
  "./usr/share/locale/*",
  "./usr/share/man/*",
  "./dev/*",
  "./proc/*",
  "./sys/*",
];

// Tools that the official images have from Alpine's busybox and that health checks and people use.
const BUSYBOX_TOOLS = ["wget", "nc", "nslookup", "ps"];

/** An image made of packages of the Debian or Ubuntu release that runs here. */
export function debianRecipe(name: ImageName, packages: readonly string[], system: System): Recipe {
  return {
    name,
    revision: REVISION,
    contents: packages,
    machine: [system.codename, process.arch],
    pack: (context, tar) => pack(context, system, name, packages, tar),
  };
}

async function pack(
  context: Context,
  system: System,
  name: ImageName,
  packages: readonly string[],
  tar: string,
): Promise<void> {
  const { uri, suite, components } = configuredArchive(system);
  await ensureDebootstrap(context);
  const root = context.cache.workFolder(`${name}-root`);
  const env = { ...context.env, ...(await aptProxy(context)) };
  const debootstrap = [
    "debootstrap",
    "--variant=minbase",
    `--include=${[...packages, "busybox-static"].join(",")}`,
    `--components=${components.join(",")}`,
    `--cache-dir=${context.cache.subfolder("debs")}`,
    suite,
    root,
    uri,
  ];
  await timed(context, `${name} image: installing ${packages.join(", ")} into a folder`, 60, (note) =>
    attempt(`making the ${name} image`, () =>
      // The verbs run under umask 077; in the image everybody must be able to read.
      context.run("sh", ["-c", 'umask 022; exec "$@"', "sh", ...debootstrap], { env, onLine: note }),
    ),
  );
  await attempt(`packing the ${name} image`, async () => {
    for (const tool of BUSYBOX_TOOLS) {
      const link = join(root, "usr/local/bin", tool);
      await context.run("ln", ["-sf", "/bin/busybox", link]);
    }
    const excluded = LEFT_OUT.map((pattern) => `--exclude=${pattern}`);
    await context.run("tar", [
      "--create",
      "--file",
      tar,
      "--sort=name",
      "--numeric-owner",
      ...excluded,
      "--directory",
      root,
      ".",
    ]);
  });
}

async function ensureDebootstrap(context: Context): Promise<void> {
  try {
    await context.run("debootstrap", ["--version"]);
  } catch (error) {
    if (!(error instanceof CommandFailed) || error.reason !== "missing") throw error;
    await aptInstall(context, "debootstrap");
  }
}
