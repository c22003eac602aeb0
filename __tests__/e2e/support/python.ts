import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyOf } from "../../../provision/cache.js";
import { command, docker, type Ended, nameOf, output } from "./platform.js";

/** A platform network, by its name in the design. */
export type NetworkName = "rollcall-control" | "rollcall-platform";

/** Raised when the image is made in another way of the same packages. */
const REVISION = 1;
/** Where the platform's images are pulled. */
const PULLED = { from: "python:3.12-slim", package: "python-consul==1.1.0" };
/** Where they are built. */
const DEBIAN_PACKAGE = "python3-consul";

/** Python with python-consul, as an application's image has it. The engine keeps it: it is made once. */
async function pythonImage(): Promise<string> {
  const base = (await docker("inspect", "--format", "{{.Image}}", nameOf("consul-ui"))).trim();
  const tags = await docker("image", "inspect", "--format", "{{.RepoTags}}", base);
  // Where the platform's images were pulled, this one can be too.
  const isBuilt = tags.includes("rollcall/nginx");
  const contents = isBuilt ? [base, DEBIAN_PACKAGE] : [PULLED.from, PULLED.package];
  const image = `rollcall-test/python:r${REVISION}-${keyOf(...contents)}`;
  if ((await command("docker", ["image", "inspect", image])).code === 0) return image;
  await (isBuilt ? addPython(base, image) : pull(image));
  return image;
}

async function pull(image: string): Promise<void> {
  const dockerfile = `FROM ${PULLED.from}\nRUN pip install --no-cache-dir ${PULLED.package}\n`;
  const { code, stderr } = await command("docker", ["build", "--force-rm", "--tag", image, "-"], { input: dockerfile });
  if (code !== 0) throw new Error(stderr);
}

/** Adds Python's packages to the image of this machine's release that the platform itself runs. */
async function addPython(base: string, image: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-python-"));
  try {
    mkdirSync(join(folder, "partial"));
    const [container = ""] = (await docker("create", "--network", "none", base, "true")).split("\n");
    await docker("cp", `${container}:/var/lib/dpkg/status`, join(folder, "status"));
    await docker("rm", "--volumes", container);
    await download(folder, DEBIAN_PACKAGE);
    // Unpacked, not configured: what that adds (compiled files, a list of CAs) takes longer than all tests with it.
    const dockerfile = [
      `FROM ${base}`,
      "USER 0",
      "COPY *.deb /debs/",
      "RUN dpkg --force-unsafe-io --force-depends --unpack /debs/*.deb && rm -r /debs",
    ];
    writeFileSync(join(folder, "Dockerfile"), dockerfile.join("\n"));
    await docker("build", "--quiet", "--force-rm", "--network", "none", "--tag", image, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Downloads a package and what it needs beside the packages in the folder's `status`, dpkg's own list. */
async function download(folder: string, name: string): Promise<void> {
  const settings = [`Dir::State::status=${folder}/status`, `Dir::Cache::archives=${folder}`, "Debug::NoLocking=1"];
  const fetch = ["-q", "-y", "--no-install-recommends", "--download-only", ...settings.flatMap((each) => ["-o", each])];
  if ((await command("apt-get", [...fetch, "install", name])).code === 0) return;
  // A fresh machine has no package lists yet.
  await output("apt-get", ["update", "-q"]);
  await output("apt-get", [...fetch, "install", name]);
}

export interface PythonOptions {
  readonly network: NetworkName;
  /** Given by name: the values are on no command line. @default - none */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a Python program in a container of its own on one of the platform's networks. */
export async function python(program: string, options: PythonOptions): Promise<Ended> {
  const image = await pythonImage();
  const { network, env = {} } = options;
  const named = Object.keys(env).flatMap((name) => ["--env", name]);
  const args = ["run", "--rm", "--interactive", "--user", "1000:1000", "--network", nameOf(network), ...named];
  return command("docker", [...args, image, "python3", "-"], { input: program, env: { ...env } });
}

/** The same, where it must succeed; gives what it printed. */
export async function pythonOutput(program: string, options: PythonOptions): Promise<string> {
  const { code, stdout, stderr } = await python(program, options);
  if (code !== 0) throw new Error(`Python ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}
