import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../lib/process.js";
import { command, docker } from "./platform.js";

const SOURCE = join(import.meta.dirname, "load-client");

/** The load generator (`load-client/`, on vegeta) as an image. The engine keeps it: it is made once. */
export async function loadImage(): Promise<string> {
  const recipe = createHash("sha256");
  for (const file of ["main.go", "go.sum"]) recipe.update(readFileSync(join(SOURCE, file)));
  const image = `rollcall-test/load-client:${recipe.digest("hex").slice(0, 12)}`;
  if ((await command("docker", ["image", "inspect", image])).code === 0) return image;
  const folder = mkdtempSync(join(tmpdir(), "rollcall-load-client-"));
  try {
    const env = { ...process.env, CGO_ENABLED: "0", GOOS: "linux" };
    const program = join(folder, "load-client");
    await run("go", ["build", "-o", program, "."], { cwd: SOURCE, env });
    // `npm test` runs under umask 077, and the container's user is nobody's.
    chmodSync(program, 0o755);
    writeFileSync(join(folder, "Dockerfile"), 'FROM scratch\nCOPY load-client /\nENTRYPOINT ["/load-client"]\n');
    await docker("build", "--quiet", "--force-rm", "--network", "none", "--tag", image, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return image;
}
