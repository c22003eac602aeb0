import { cpSync, existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../lib/process.js";
import { UserError } from "../lib/user-error.js";
import { docker } from "../ops/docker/docker-host.js";
import { freePorts, isFree } from "../ops/platform/free-ports.js";

/** Where a platform beside another one may stand: the settings that must be its own. */
export interface Place {
  /** "" where no other platform runs. */
  readonly prefix: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly controlSubnet: string;
  readonly platformSubnet: string;
}

const DEFAULTS: Place = {
  prefix: "",
  httpPort: 8500,
  httpsPort: 8501,
  controlSubnet: "172.30.241.0/24",
  platformSubnet: "172.30.242.0/24",
};

/** How a clone is made. */
interface CloneOptions {
  /** Whether it gets a copy of the npm packages, which the first verb in it would else install. @default false */
  readonly hasPackages?: boolean;
}

/** A clone in the temporary folder: the files that git knows or would take, as they are in the working tree. */
export async function freshClone(root: string, { hasPackages = false }: CloneOptions = {}): Promise<string> {
  const folder = join(mkdtempSync(join(tmpdir(), "rollcall-")), "rollcall");
  for (const file of await sourceFiles(root)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  if (hasPackages) await run("cp", ["-R", join(root, "node_modules"), folder]);
  return folder;
}

/** The files of a clone that git knows or would take, as paths from its root; not those that were removed. */
export async function sourceFiles(root: string): Promise<readonly string[]> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { stdout } = await run("git", args, { cwd: root });
  return stdout.split("\0").filter((file) => file !== "" && existsSync(join(root, file)));
}

/** Platforms that are tried or measured on one Docker host at once, at most. */
const MOST_PLACES = 6;

/** The default names, ports and subnets where no platform runs; beside one, others that no platform has. */
export async function freePlace(): Promise<Place> {
  const [place = DEFAULTS] = await freePlaces(1);
  return place;
}

/** Places for so many platforms beside each other. */
export async function freePlaces(count: number): Promise<readonly Place[]> {
  const others = (await docker(["ps", "--all", "--format", "{{.Names}}", "--filter", "label=rollcall"])).trim();
  const taken = others === "" ? [] : others.split("\n");
  const { httpPort, httpsPort } = DEFAULTS;
  const isDefaultFree = taken.length === 0 && (await isFree(httpPort)) && (await isFree(httpsPort));
  const places: Place[] = isDefaultFree ? [DEFAULTS] : [];
  const ports = await freePorts(2 * count);
  while (places.length < count) {
    const beside = placeBeside([...taken, ...places.map(({ prefix }) => `${prefix}consul-ui`)]);
    places.push({ ...beside, httpPort: ports[2 * places.length] ?? 0, httpsPort: ports[2 * places.length + 1] ?? 0 });
  }
  return places;
}

/**
 * Prefix and subnets that no container of another platform has.
 * @param containers the names of all platforms' containers
 * @throws UserError where too many platforms are there
 */
export function placeBeside(containers: readonly string[]): Pick<Place, "prefix" | "controlSubnet" | "platformSubnet"> {
  for (let number = 1; number <= MOST_PLACES; number++) {
    const prefix = number === 1 ? "test-" : `test${number}-`;
    if (containers.some((name) => name.startsWith(prefix))) continue;
    const third = 241 + 2 * number;
    return { prefix, controlSubnet: `172.30.${third}.0/24`, platformSubnet: `172.30.${third + 1}.0/24` };
  }
  throw new UserError(
    "Too many platforms of tests are on this Docker host",
    "Take one away: `npx rollcall down NAME`.",
  );
}

/** The environment that puts a platform there, and reads no settings file. */
export function settingsFor(place: Place): Record<string, string> {
  return {
    // The project's own settings file, which the clone has too, is another platform's.
    ROLLCALL_CONFIG: "none",
    ROLLCALL_PREFIX: place.prefix,
    ROLLCALL_HTTP_PORT: String(place.httpPort),
    ROLLCALL_HTTPS_PORT: String(place.httpsPort),
    ROLLCALL_CONTROL_SUBNET: place.controlSubnet,
    ROLLCALL_PLATFORM_SUBNET: place.platformSubnet,
  };
}
