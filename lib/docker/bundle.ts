import { join } from "node:path";
import { buildSync } from "esbuild";
import { NODE_VERSION } from "./images.js";

/** What runs in a container of its own: the folders of `programs/`. */
export const PROGRAMS = ["backup", "monitor", "prober", "registrar"] as const;

/** The name of a program: its folder in `programs/`. */
export type ProgramName = (typeof PROGRAMS)[number];

const bundles = new Map<ProgramName, string>();

/**
 * A program of `programs/` and the libraries that it needs, as one ES module for the Node of our images. The same
 * sources give the same text on every machine: it lies in Terraform's state, and another text replaces the container.
 */
export function bundleProgram(name: ProgramName): string {
  const bundle = bundles.get(name) ?? build(name);
  bundles.set(name, bundle);
  return bundle;
}

function build(name: ProgramName): string {
  const { outputFiles } = buildSync({
    absWorkingDir: join(import.meta.dirname, "..", ".."),
    entryPoints: [join("programs", name, "main.ts")],
    bundle: true,
    platform: "node",
    target: `node${NODE_VERSION}`,
    format: "esm",
    // The code's own place, whose owner is trusted with a folder, is the image, which is root's.
    define: { "import.meta.dirname": JSON.stringify("/rollcall") },
    // Whatever tsconfig.json stands above the clone, or the project that installed this package.
    tsconfigRaw: {},
    minify: true,
    legalComments: "none",
    write: false,
  });
  return outputFiles.map(({ text }) => text).join("");
}
