import { spawn } from "node:child_process";
import { get } from "node:http";
import { basename, join } from "node:path";
import { type Place, settingsFor } from "../../../dev/fresh-clone.js";
import { nameOfTestFile } from "../../../dev/test/test-files.js";
import { noteWait } from "../../../dev/test/waits.js";
import { waitUntil } from "../../../lib/wait-until.js";
import { statuses } from "./health.js";

/** A platform under test: a clone of its own, with names, ports and subnets that no other platform has. */
export interface TestPlatform extends Place {
  /** The fresh clone that `npx rollcall up` is called in. */
  readonly folder: string;
}

/** What the global setup leaves for the tests: a platform for each of Jest's workers. */
export const PLATFORMS_VARIABLE = "ROLLCALL_TEST_PLATFORMS";

/** What the global setup leaves for the teardown: the Docker host's inventory before the first `up`. */
export const INVENTORY_VARIABLE = "ROLLCALL_TEST_INVENTORY";

/** Names a platform that is up already, which the run uses and leaves (`support/README.md`). */
export const KEPT_VARIABLE = "ROLLCALL_TEST_PLATFORM";

/** All platforms of this run. */
export function platforms(): readonly TestPlatform[] {
  const text = process.env[PLATFORMS_VARIABLE];
  if (text === undefined) throw new Error("run the end-to-end tests by `npm test` or `npm run test:e2e`");
  return JSON.parse(text) as readonly TestPlatform[];
}

/** Which of Jest's workers this is: 0, 1, … */
export function workerNumber(): number {
  return Number(process.env.JEST_WORKER_ID ?? "1") - 1;
}

/** The platform of this worker: what runs beside a file is on another one. */
export function platform(): TestPlatform {
  const found = platforms()[workerNumber()];
  if (found === undefined) throw new Error(`there is no platform for Jest's worker ${workerNumber() + 1}`);
  return found;
}

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/** Runs a command to its end, whatever its exit code. */
export function command(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Record<string, string>; readonly input?: string } = {},
): Promise<Ended> {
  const begun = Date.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      stdout += part;
    });
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      stderr += part;
    });
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
    child.on("error", reject);
    child.on("close", (code) => {
      const seconds = (Date.now() - begun) / 1000;
      noteWait(thisFile(), nameOfCommand(program, args), seconds);
      resolve({ code: code ?? -1, stdout, stderr, seconds });
    });
  });
}

/** As the table of waits calls it: the verb where it is one, whatever starts it, and no path, which is another each time. */
function nameOfCommand(program: string, args: readonly string[]): string {
  const script = args.findIndex((arg) => arg.endsWith("ops/run.mjs"));
  const words = script >= 0 ? args.slice(script + 1) : [basename(program), ...args.filter((each) => each !== "-s")];
  const [line = ""] = words
    .filter((word) => !word.startsWith("/"))
    .slice(0, 3)
    .join(" ")
    .split("\n");
  return `\`${line.slice(0, 60)}\``;
}

/** The test file that runs; the setup of all of them has no `expect`. */
function thisFile(): string {
  return typeof expect === "undefined" ? "setup" : nameOfTestFile(expect.getState().testPath ?? "");
}

/** Runs a command that must succeed, and gives its standard output. */
export async function output(program: string, args: readonly string[], cwd?: string): Promise<string> {
  const ended = await command(program, args, cwd === undefined ? {} : { cwd });
  if (ended.code !== 0)
    throw new Error(`${program} ${args.join(" ")} gave ${ended.code}:\n${ended.stdout}${ended.stderr}`);
  return ended.stdout;
}

/**
 * For verbs: no colours, and what they compiled once is used again, as a person's is. They keep it in their clone, where
 * tests read no compiled code from elsewhere (`jest.config.js`).
 */
export const VERB_ENV = { NO_COLOR: "1", TSX_DISABLE_CACHE: "" } as const;

/**
 * A verb, with the platform's settings, as a person starts it who stands somewhere in the clone: what `npx rollcall VERB`
 * runs, without the half second of npm itself.
 */
export function rollcall(
  verb: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const { folder } = platform();
  return inFolder(join(folder, "docs"), process.execPath, [join(folder, "ops/run.mjs"), verb, ...args], env);
}

/** `npm run -s SCRIPT` in the clone, as a person types it. */
export function npm(script: string): Promise<Ended> {
  return inFolder(platform().folder, "npm", ["run", "-s", script]);
}

function inFolder(
  cwd: string,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return command(program, args, { cwd, env: { ...settingsFor(platform()), ...VERB_ENV, ...env } });
}

/** A container's name on the host. */
export function nameOf(container: string): string {
  return `${platform().prefix}${container}`;
}

export function docker(...args: string[]): Promise<string> {
  return output("docker", args);
}

/**
 * Kills the processes of containers as a crash does, all in one moment, so that their restart policy applies (`docker
 * kill` and `docker stop` count as meant). From a container in the host's process space: that takes neither root nor an
 * engine on this host.
 */
export async function crash(...containers: readonly string[]): Promise<void> {
  const found = await docker("inspect", "--format", "{{.State.Pid}} {{.Image}}", ...containers.map(nameOf));
  const rows = found
    .trim()
    .split("\n")
    .map((row) => row.split(" "));
  const [[, image = ""] = []] = rows;
  const pids = rows.map(([pid = "0"]) => pid);
  if (pids.some((pid) => Number(pid) < 2)) throw new Error(`one of ${containers.join()} does not run`);
  const kill = ["--entrypoint", "/bin/sh", image, "-c", `kill -9 ${pids.join(" ")}`];
  await docker("run", "--rm", "--pid", "host", "--network", "none", "--user", "0", ...kill);
}

/**
 * Kills Docker's proxy of a published port, as a flood of connections does; the container goes on without it.
 * @returns false where there is none: the engine was told to do without (`userland-proxy`)
 */
export async function crashProxy(port: number): Promise<boolean> {
  const image = (await docker("inspect", "--format", "{{.Image}}", nameOf("consul-ui"))).trim();
  const find = `for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null | grep -q "[d]ocker-proxy .*-host-port ${port} " && kill -9 "\${p#/proc/}" && echo killed; done; true`;
  const place = ["--rm", "--pid", "host", "--network", "none", "--user", "0", "--entrypoint", "/bin/sh"];
  return (await docker("run", ...place, image, "-c", find)).includes("killed");
}

/** How many files Docker's proxy of a published port may have open; Infinity where there is no proxy. */
export async function filesOfProxy(port: number): Promise<number> {
  const image = (await docker("inspect", "--format", "{{.Image}}", nameOf("consul-ui"))).trim();
  const find = `for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null | grep -q "[d]ocker-proxy .*-host-port ${port} " && grep "^Max open files" $p/limits; done; true`;
  const place = ["--rm", "--pid", "host", "--network", "none", "--user", "0", "--entrypoint", "/bin/sh"];
  const [, files = "Infinity"] = /^Max open files +(\d+)/.exec(await docker("run", ...place, image, "-c", find)) ?? [];
  return Number(files);
}

/** A token of the platform, by `npx rollcall token`. */
export async function token(name: string): Promise<string> {
  const ended = await rollcall("token", [name]);
  if (ended.code !== 0) throw new Error(ended.stderr);
  return ended.stdout.trim();
}

/** GET through the gateway's plain port. */
export function api(
  path: string,
  accessToken?: string,
  port = platform().httpPort,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    get(
      {
        host: "127.0.0.1",
        port,
        path,
        agent: false,
        headers: accessToken === undefined ? {} : { "X-Consul-Token": accessToken },
      },
      (answer) => {
        let body = "";
        answer.setEncoding("utf8").on("data", (part: string) => {
          body += part;
        });
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
        answer.on("error", reject);
      },
    ).on("error", reject);
  });
}

/** The same; throws unless it is 200, and gives the body. */
async function apiBody(path: string, accessToken?: string, port?: number): Promise<string> {
  const { status, body } = await api(path, accessToken, port);
  if (status !== 200) throw new Error(`${path} answered ${status}: ${body}`);
  return body;
}

/** The same, parsed. */
export async function apiJson<T>(path: string, accessToken?: string): Promise<T> {
  return JSON.parse(await apiBody(path, accessToken)) as T;
}

/**
 * Names of the services that pass all their checks, and whose node does.
 * @param port the gateway's plain port; left out for the platform under test
 */
export async function passingServices(port?: number): Promise<ReadonlySet<string>> {
  const found = statuses(await apiBody("/v1/health/state/any", undefined, port));
  return new Set([...found].flatMap(([service, status]) => (status === "passing" ? [service] : [])));
}

/**
 * Waits for a condition, looking five times a second; the deadline is three times the aim. Prints what it measured.
 * @param condition gives anything but undefined or false when it holds; an error counts as not yet
 */
export async function until<T>(
  what: string,
  aimSeconds: number,
  condition: () => Promise<T | undefined | false>,
): Promise<T> {
  const begun = Date.now();
  const elapsed = () => (Date.now() - begun) / 1000;
  let last: unknown = "";
  const value = await waitUntil<T>({
    seconds: 3 * aimSeconds,
    pauseMs: 200,
    look: async () => {
      try {
        const found = await condition();
        if (found !== undefined && found !== false) return { found };
      } catch (error) {
        last = error;
      }
      return { missing: what };
    },
    late: () => {
      throw new Error(`${what}: not within ${elapsed().toFixed(1)} s (aim ${aimSeconds} s) ${last}`);
    },
  });
  const seconds = elapsed();
  measured(what, seconds, aimSeconds);
  noteWait(thisFile(), what, seconds);
  return value;
}

/** Prints a measurement where a person and CI see it. */
export function measured(what: string, value: number, aim: number | string, unit = "s"): void {
  process.stderr.write(
    `    ${thisFile()}: ${what}: ${Number(value.toFixed(2))} ${unit} (aim ${aim}${typeof aim === "number" ? ` ${unit}` : ""})\n`,
  );
}

/** The same for what must not take longer than three times the aim. */
export function inTime(what: string, seconds: number, aimSeconds: number): void {
  measured(what, seconds, aimSeconds);
  if (seconds > 3 * aimSeconds) throw new Error(`${what}: took ${seconds.toFixed(1)} s (aim ${aimSeconds} s)`);
}

/** Everything on the Docker host, by kind and name. */
export async function inventory(): Promise<readonly string[]> {
  const lists = await Promise.all([
    docker("ps", "--all", "--format", "container {{.Names}}"),
    docker("volume", "ls", "--format", "volume {{.Name}}"),
    docker("network", "ls", "--format", "network {{.Name}}"),
  ]);
  return lists.flatMap((text) => text.split("\n").filter(Boolean)).sort();
}
