import { cpSync, mkdirSync, mkdtempSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../lib/process";
import { UserError } from "../lib/user-error";
import { docker } from "./docker-host";

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

/** A clone in the temporary folder: the files that git knows or would take, as they are in the working tree. */
export async function freshClone(root: string): Promise<string> {
  const folder = join(mkdtempSync(join(tmpdir(), "rollcall-")), "rollcall");
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { stdout } = await run("git", args, { cwd: root });
  for (const file of stdout.split("\0").filter(Boolean)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  return folder;
}

/** Platforms that are tried or measured on one Docker host at once, at most. */
const MOST_PLACES = 6;

/** The default names, ports and subnets where no platform runs; beside one, others that no platform has. */
export async function freePlace(): Promise<Place> {
  const others = await docker(["ps", "--all", "--format", "{{.Names}}", "--filter", "label=rollcall"]);
  const { httpPort, httpsPort } = DEFAULTS;
  if (others.trim() === "" && (await isFree(httpPort)) && (await isFree(httpsPort))) return DEFAULTS;
  const ports = await freePorts(2);
  return { ...placeBeside(others.split("\n")), httpPort: ports[0] ?? 0, httpsPort: ports[1] ?? 0 };
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
  throw new UserError("Too many platforms of tests are on this Docker host", "Take one away: `npm run down -- NAME`.");
}

/** The environment that puts a platform there. */
export function settingsFor(place: Place): Record<string, string> {
  return {
    ROLLCALL_PREFIX: place.prefix,
    ROLLCALL_HTTP_PORT: String(place.httpPort),
    ROLLCALL_HTTPS_PORT: String(place.httpsPort),
    ROLLCALL_CONTROL_SUBNET: place.controlSubnet,
    ROLLCALL_PLATFORM_SUBNET: place.platformSubnet,
  };
}

/** Whether a port on 127.0.0.1 can be listened on. */
export function isFree(port: number): Promise<boolean> {
  return listen(port).then(
    (server) => close(server).then(() => true),
    () => false,
  );
}

/** Ports on 127.0.0.1 that nothing listens on, each another: all are held until the last one is found. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0)));
  const addresses = servers.map((server) => server.address());
  await Promise.all(servers.map(close));
  return addresses.map((address) => (typeof address === "object" && address !== null ? address.port : 0));
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
