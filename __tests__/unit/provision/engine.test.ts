import type { Env } from "../../../lib/process.js";
import type { System } from "../../../provision/debian.js";
import { ensureEngine } from "../../../provision/engine.js";
import { type CommandResult, failing, fakeContext } from "../../support/provision-fakes.js";

const DEBIAN_ROOT: System = { debian: true, root: true, services: true, codename: "bookworm" };
const STOPPED = failing("Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?");

/** A machine that has what is named, and where Docker answers once something has started it. */
function machine({ programs, version, env }: { programs: string[]; version?: CommandResult; env?: Env }) {
  const installed = new Set(programs);
  let started = false;
  return fakeContext((command) => {
    const [program = "", ...args] = command.split(" ");
    if (program === "apt-get" || program === "systemctl") {
      if (args.includes("docker.io")) for (const name of ["docker", "dockerd"]) installed.add(name);
      if (program === "systemctl") started = true;
      return "";
    }
    if (!installed.has(program)) return undefined;
    if (command.startsWith("docker version")) return started ? "20.10.24" : (version ?? STOPPED);
    if (command === "docker context show") return "default";
    return "";
  }, env);
}

test("a running engine is left alone", async () => {
  const context = machine({ programs: ["docker"], version: "28.2.2" });
  await ensureEngine(context, DEBIAN_ROOT);
  expect(context.calls).toHaveLength(1);
  expect(context.shown).toEqual([]);
});

test("on Debian as root a missing engine is installed and started, and both are said", async () => {
  const context = machine({ programs: [] });
  await ensureEngine(context, DEBIAN_ROOT);
  expect(context.shown).toEqual(["installing docker.io with apt-get", "starting Docker (systemctl start docker)"]);
  expect(context.calls.at(-1)).toContain("docker version");
});

test("an engine that is there but stopped is started without installing anything", async () => {
  const context = machine({ programs: ["docker", "dockerd"] });
  await ensureEngine(context, DEBIAN_ROOT);
  expect(context.calls.filter((call) => call.startsWith("apt-get"))).toEqual([]);
});

test("who is not permitted to use Docker is told how to be", async () => {
  const context = machine({ programs: ["docker"], version: failing("permission denied while trying to connect") });
  await expect(ensureEngine(context, DEBIAN_ROOT)).rejects.toMatchObject({
    message: "Docker runs, but you are not permitted to use it",
    remedy: expect.stringContaining("usermod -aG docker"),
  });
});

test.each<[string, Partial<System>, Env, "auto" | "never", RegExp]>([
  ["the setting forbids it", {}, {}, "never", /not running, and ROLLCALL_ENGINE=never/],
  ["this is no root", { root: false }, {}, "auto", /^Docker is not running$/],
  ["this is no Debian", { debian: false }, {}, "auto", /^Docker is not running$/],
  ["the engine is elsewhere", {}, { DOCKER_HOST: "tcp://build.example:2376" }, "auto", /build\.example.*DOCKER_HOST/],
])("nothing is installed or started where %s", async (_, system, env, setting, message) => {
  const context = machine({ programs: ["docker"], env });
  await expect(ensureEngine(context, { ...DEBIAN_ROOT, ...system }, setting)).rejects.toThrow(message);
  expect(context.calls.filter((call) => /apt-get|systemctl/.test(call))).toEqual([]);
});

test("without Docker and without Debian the person is told to install it", async () => {
  const context = machine({ programs: [] });
  await expect(ensureEngine(context, { ...DEBIAN_ROOT, debian: false })).rejects.toMatchObject({
    message: "Docker is not installed",
    remedy: expect.stringContaining("Install Docker"),
  });
});
