// Builds the package twice, as ECMAScript modules and as CommonJS, into dist/ or the folder that is named.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "dist"));
const typescript = createRequire(import.meta.url).resolve("typescript/package.json");
const { bin } = JSON.parse(readFileSync(typescript, "utf8"));
const tsc = join(dirname(typescript), bin.tsc);

rmSync(out, { recursive: true, force: true });
build("tsconfig.json", join(out, "esm"), "module");
build("tsconfig.cjs.json", join(out, "cjs"), "commonjs");

function build(config, folder, type) {
  const { status } = spawnSync(process.execPath, [tsc, "-p", join(here, config), "--outDir", folder], {
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
  // Node reads how the files are to be loaded from the package.json next to them.
  writeFileSync(join(folder, "package.json"), `${JSON.stringify({ type })}\n`);
}
