import { cpSync, mkdirSync, mkdtempSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { docker, inventory, output, PLATFORM_VARIABLE, type TestPlatform } from "./platform";

/** Makes the fresh clone: the files that git knows or would take, as they are in the working tree. */
export default async function setup(): Promise<void> {
  // Somebody who works on the tests has a platform up already and names it (`support/README.md`).
  if (process.env[PLATFORM_VARIABLE]) return;
  const root = join(__dirname, "..", "..", "..");
  const folder = join(mkdtempSync(join(tmpdir(), "rollcall-e2e-")), "rollcall");
  const files = await output("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], root);
  for (const file of files.split("\0").filter(Boolean)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  process.env[PLATFORM_VARIABLE] = JSON.stringify({ folder, ...(await place()), before: await inventory() });
}

/** The default names and ports where no platform runs; beside one, others. */
async function place(): Promise<Omit<TestPlatform, "folder" | "before">> {
  const others = await docker("ps", "--all", "--quiet", "--filter", "label=rollcall");
  const defaults = {
    prefix: "",
    httpPort: 8500,
    httpsPort: 8501,
    controlSubnet: "172.30.241.0/24",
    platformSubnet: "172.30.242.0/24",
  };
  if (others === "" && (await isFree(8500)) && (await isFree(8501))) return defaults;
  return {
    prefix: "test-",
    httpPort: await freePort(),
    httpsPort: await freePort(),
    controlSubnet: "172.30.243.0/24",
    platformSubnet: "172.30.244.0/24",
  };
}

function isFree(port: number): Promise<boolean> {
  return listen(port).then(
    () => true,
    () => false,
  );
}

function freePort(): Promise<number> {
  return listen(0);
}

function listen(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : port));
    });
  });
}
