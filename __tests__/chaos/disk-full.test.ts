/**
 * @needs clone
 * @areas lib/consul/agents/consul-server.ts
 * @seconds 200
 * @command test:all
 */
import { createHash } from "node:crypto";
import { AIMS } from "../../bench/aims.js";
import { Cluster } from "../e2e/support/cluster.js";
import { furtherImage } from "../e2e/support/further-image.js";
import { Instance } from "../e2e/support/instance.js";
import { command, crash, docker, nameOf, PLATFORMS_VARIABLE, platform, token, until } from "../e2e/support/platform.js";
import { call, Repeater } from "../e2e/support/poll.js";
import { underLoad } from "../e2e/support/under-load.js";

/** The server whose data volume is small. */
const FULL = "consul-server-3";
const KEYS = "chaos-disk/";
/** Consul gives its log out in pieces of 64 MiB: room for one at the start, and for three once there is space. */
const SIZE = "250m";
/** KiB of a value; Consul takes 512. So many fill more than one piece. */
const [VALUE_KIB, VALUES] = [480, 160] as const;

let small: Instance;
let management = "";
let cluster: Cluster;
let holder = "";

beforeAll(async () => {
  small = await Instance.create(`full${process.pid % 1000}-`);
  // What the support drives from here on is this platform.
  Object.assign(process.env, small.settings, { ROLLCALL_SERVERS: "3" });
  process.env[PLATFORMS_VARIABLE] = JSON.stringify([{ ...platform(), ...small.where }]);
  holder = nameOf("holder");
  const labels = ["--label", "rollcall=server-3", "--label", `rollcall.instance=${small.named()}`];
  const tmpfs = ["--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", `o=size=${SIZE},uid=100,gid=1000,mode=0700`];
  const volume = nameOf(`${FULL}-data`);
  await docker("volume", "create", ...labels, ...tmpfs, volume);
  await hold(volume);
  const { code, stderr } = await small.run("up", { ROLLCALL_SERVERS: "3" });
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  // What lies in a tmpfs counts as the memory of the server that wrote it there, and the kernel would end that.
  await docker("update", "--memory", "1g", "--memory-swap", "1g", nameOf(FULL));
  management = await token("management");
  cluster = new Cluster(management);
});

afterEach(() => Repeater.stopAll());

afterAll(async () => {
  await command("docker", ["rm", "--force", holder]);
  await small?.remove();
});

/** Keeps the volume mounted: a tmpfs that nobody mounts is empty again. */
async function hold(volume: string): Promise<void> {
  const image = await furtherImage("consul", small.settings);
  const run = ["run", "--detach", "--name", holder, "--network", "none", "--user", "0", "--init"];
  await docker(...run, "--volume", `${volume}:/data`, "--entrypoint", "/bin/sleep", image, "3600");
}

describe("a server's data volume that is full", () => {
  test("is told in its log; the others go on; with space again it has everything, nothing corrupted", async () => {
    if ((await cluster.leader()) === FULL) await crash(FULL);
    await cluster.untilWhole("three healthy peers, another one leading", 30);
    const aim = AIMS.diskFull.seconds;
    // What `consul kv get` prints of each.
    const hashes = Array.from({ length: VALUES }, (_, n) =>
      createHash("sha256")
        .update(`${large(n)}\n`)
        .digest("hex"),
    );
    // The large values take the same way as the writer's.
    const traffic = { token: management, keys: `${KEYS}small/`, aim: aim.writes, at: small };
    await underLoad("a volume full", traffic, async () => {
      await command("docker", ["exec", holder, "dd", "if=/dev/zero", "of=/data/filler", "bs=1M"]);
      for (let n = 0; n < VALUES; n++) await acknowledged(() => put(`${KEYS}large/${n}`, large(n)));
      const told = await until("its log says that there is no space left", 20, async () => {
        const { stdout, stderr } = await command("docker", ["logs", nameOf(FULL)]);
        const lines = (stdout + stderr).split("\n").filter((line) => line.includes("no space left on device"));
        return lines.length > 0 && new Set(lines.map((line) => line.replace(/^\S+ /, "").replace(/tmp\d+/, "tmp")));
      });
      for (const line of told) process.stderr.write(`      ${line}\n`);
      await docker("exec", holder, "rm", "/data/filler");
      await cluster.untilWhole("with space again, by itself: three healthy peers", aim.whole);
      await until("it has every large value", 20, async () => (await keysAt(FULL)).length === VALUES);
      expect(await hashesAt(FULL)).toEqual(hashes);
      await crash(FULL);
      await cluster.untilWhole("started anew from its volume: three healthy peers", 30);
      await until("it has every large value, from its volume", 20, async () => (await keysAt(FULL)).length === VALUES);
      expect(await hashesAt(FULL)).toEqual(hashes);
    });
  });
});

/** A value that no other key has. */
function large(n: number): string {
  return `${n} `.repeat(VALUE_KIB * 1024).slice(0, VALUE_KIB * 1024);
}

function put(key: string, body: string): Promise<string> {
  return call(`/v1/kv/${key}`, { method: "PUT", token: management, body });
}

/** A write that the full server got is not done; the gateway repeats none, so the client does. */
async function acknowledged(write: () => Promise<string>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await write();
      return;
    } catch (error) {
      if (tries === 20) throw error;
    }
  }
}

/** Keys of the large values that a server has itself, whoever leads. */
async function keysAt(server: string): Promise<readonly string[]> {
  return (await at(server, `consul kv get -stale -keys ${KEYS}large/`)).split("\n").filter(Boolean);
}

/** The hash of each large value that a server has itself, in the order of their numbers. */
async function hashesAt(server: string): Promise<readonly string[]> {
  const each = `consul kv get -stale ${KEYS}large/$n | sha256sum`;
  const text = await at(server, `n=0; while [ $n -lt ${VALUES} ]; do ${each}; n=$((n + 1)); done`);
  return text.split("\n").flatMap((line) => line.split(" ")[0] || []);
}

async function at(server: string, script: string): Promise<string> {
  const exec = ["exec", "-e", "CONSUL_HTTP_TOKEN", nameOf(server), "/bin/sh", "-c", script];
  return (await command("docker", exec, { env: { CONSUL_HTTP_TOKEN: management } })).stdout;
}
