import { join } from "node:path";
import { buildSync } from "esbuild";

/** Node 18, which Debian 12 has, keeps Web Crypto apart. */
const BANNER = 'import { webcrypto } from "node:crypto";\nglobalThis.crypto ??= webcrypto;';

/** The program of `consul-backup` and the libraries that it needs, as one file for Node 18 and newer. */
export function bundleBackupProgram(): string {
  const { outputFiles } = buildSync({
    absWorkingDir: join(__dirname, "..", ".."),
    entryPoints: [join("lib", "backup", "scheduled.ts")],
    bundle: true,
    platform: "node",
    target: "node18",
    format: "esm",
    banner: { js: BANNER },
    // An ES module has no __dirname. The code's own place, whose owner is trusted with a folder, is the image, which is root's.
    define: { __dirname: JSON.stringify("/rollcall") },
    minify: true,
    legalComments: "none",
    write: false,
  });
  return outputFiles.map(({ text }) => text).join("");
}
