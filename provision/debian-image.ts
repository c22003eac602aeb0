import { join } from "node:path";
import type { ImageName } from "../lib/docker/images.js";
import { CommandFailed } from "../lib/process.js";
import type { AptSource } from "./apt-sources.js";
import { type Context, timed } from "./context.js";
import { aptInstall, aptProxy, configuredArchive, type System } from "./debian.js";
import { attempt } from "./failures.js";
import type { Recipe } from "./image-store.js";

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

/** A program that no package of the release has, or not of the version that is wanted. */
export interface Addition {
  /** Its name and version; part of the image's key. */
  readonly content: string;
  /** Adds it to the image's files. */
  readonly add: (context: Context, root: string) => Promise<void>;
}

/** An image made of packages of the Debian or Ubuntu release that runs here. */
export function debianRecipe(
  name: ImageName,
  packages: readonly string[],
  system: System,
  addition?: Addition,
): Recipe {
  return {
    name,
    revision: REVISION,
    contents: addition === undefined ? packages : [...packages, addition.content],
    machine: [system.codename, process.arch],
    pack: (context, tar) => pack(context, system, name, packages, tar, addition),
  };
}

async function pack(
  context: Context,
  system: System,
  name: ImageName,
  packages: readonly string[],
  tar: string,
  addition: Addition | undefined,
): Promise<void> {
  const archive = configuredArchive(system);
  await ensureDebootstrap(context);
  const root = context.cache.workFolder(`${name}-root`);
  const env = { ...context.env, ...(await aptProxy(context)) };
  const debootstrap = debootstrapCommand(context, archive, name, packages, root);
  await timed(context, `${name} image: installing ${packages.join(", ")} into a folder`, 60, (note) =>
    attempt(`making the ${name} image`, () =>
      // The verbs run under umask 077; in the image everybody must be able to read.
      context.run("sh", ["-c", 'umask 022; exec "$@"', "sh", ...debootstrap], { env, onLine: note }),
    ),
  );
  await addition?.add(context, root);
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

/**
 * The command that installs packages of an archive, and what they need, into a folder. Each image keeps what it downloads
 * in a folder of its own: images are made at the same time, and debootstrap takes a file that another one is writing for
 * a damaged one.
 */
export function debootstrapCommand(
  context: Pick<Context, "cache">,
  { uri, suite, components }: AptSource,
  name: ImageName,
  packages: readonly string[],
  root: string,
): readonly string[] {
  return [
    "debootstrap",
    "--variant=minbase",
    `--include=${[...packages, "busybox-static"].join(",")}`,
    `--components=${components.join(",")}`,
    `--cache-dir=${context.cache.subfolder(join("debs", name))}`,
    suite,
    root,
    uri,
  ];
}

async function ensureDebootstrap(context: Context): Promise<void> {
  try {
    await context.run("debootstrap", ["--version"]);
  } catch (error) {
    if (!(error instanceof CommandFailed) || error.reason !== "missing") throw error;
    await aptInstall(context, "debootstrap");
  }
}
