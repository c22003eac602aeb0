/**
 * @needs clone
 * @areas ops/verbs/stop.ts ops/verbs/start.ts ops/platform/running-order.ts ops/verbs/down.ts lib/docker/hardened-container.ts
 * @seconds 450
 * @command test:all
 */
import { connect } from "node:tls";
import { AIMS } from "../../bench/aims.js";
import { Instance } from "./support/instance.js";
import { docker, inTime, until } from "./support/platform.js";
import { call, Repeater } from "./support/poll.js";
import { underLoad } from "./support/under-load.js";

let instance: Instance;
let management = "";

beforeAll(async () => {
  instance = await Instance.create(`halt${process.pid % 1000}-`, 3);
  await instance.done("up");
  management = await instance.token("management");
});

afterEach(() => Repeater.stopAll());

afterAll(async () => {
  await instance.down();
  await instance.remove();
});

/** Its containers that were ever started, each as `NAME STATE ID`. */
async function containers(): Promise<readonly string[]> {
  const format = "{{.Names}} {{.State}} {{.ID}}";
  const text = await docker("ps", "--all", "--no-trunc", "--format", format, "--filter", `name=^${instance.prefix}`);
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.includes(" created "))
    .sort();
}

async function states(): Promise<readonly string[]> {
  return [...new Set((await containers()).map((line) => line.split(" ")[1] ?? ""))];
}

/** Runs a verb that must succeed, within three times the aim; gives its standard output. */
async function timed(verb: string, aim: number, args: readonly string[] = []): Promise<string> {
  const begun = Date.now();
  const stdout = await instance.done(verb, args);
  inTime([verb, ...args].join(" "), (Date.now() - begun) / 1000, aim);
  return stdout;
}

/** What makes it this cluster and no other: the servers' ids, the certificate of the gateway, and the management token. */
async function identity(): Promise<unknown> {
  const text = await call("/v1/operator/raft/configuration", { token: management, port: instance.httpPort });
  const { Servers } = JSON.parse(text) as {
    readonly Servers: readonly { readonly ID: string; readonly Node: string }[];
  };
  const fingerprint = await new Promise<string>((resolve, reject) => {
    const port = instance.where.httpsPort;
    const socket = connect({ host: "127.0.0.1", port, servername: "localhost", rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on("error", reject);
  });
  return {
    servers: Servers.map(({ ID, Node }) => `${Node} ${ID}`).sort(),
    fingerprint,
    isSameToken: (await instance.token("management")) === management,
  };
}

/** The writer and the reader of a platform that nobody can reach for a while: that time is in their gaps. */
function traffic(keys: string, aim: number) {
  return { token: management, keys: `e2e-halt/${keys}/`, aim, isStale: true, at: instance };
}

/** One write through the gateway is answered: the clients that `underLoad` stops have something to compare. */
function untilWritten(): Promise<unknown> {
  const put = () =>
    call("/v1/kv/e2e-halt/last", { method: "PUT", token: management, port: instance.httpPort, body: "1" });
  return until("a write is acknowledged", 15, async () => (await put()).trim() === "true");
}

test("stop stops every container, start starts the same ones, and nothing that was acknowledged is lost", async () => {
  const aim = AIMS.stopStart.seconds;
  const before = [await containers(), await identity()];
  await underLoad("the platform stopped and started", traffic("stop", aim.writes), async () => {
    expect(await timed("stop", aim.stop)).toMatch(/^\d+ containers stopped/);
    expect(await states()).toEqual(["exited"]);
    expect(await instance.done("stop")).toContain("Nothing to do");
    const { code, stdout } = await instance.run("status");
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining("the platform is stopped") });
    expect(stdout).toContain("`npx rollcall start` starts them.");
    expect(await timed("start", aim.start)).toMatch(/^\d+ containers started/m);
    await untilWritten();
  });
  expect([await containers(), await identity()]).toEqual(before);
  expect(await instance.done("start")).toContain("Nothing to do");
  expect(await instance.done("status")).toContain("All is well.");
});

test("what was stopped stays so when Docker restarts: no restart policy brings it back", async () => {
  const ids = (await containers()).map((line) => line.split(" ")[2] ?? "");
  const policies = await docker("inspect", "--format", "{{.HostConfig.RestartPolicy.Name}}", ...ids);
  expect(new Set(policies.trim().split("\n"))).toEqual(new Set(["unless-stopped"]));
});

test("an up after a stop starts the same containers and changes nothing else", async () => {
  const before = await containers();
  await instance.done("stop");
  expect(await instance.done("up")).toMatch(/Repaired \d+ containers: stopped\n1 repaired, no stack changed/);
  expect(await containers()).toEqual(before);
});

test("a stop that is interrupted is finished by the next one, or undone by start", async () => {
  for (const verb of ["stop", "start"] as const) {
    expect(await instance.cutOff("SIGINT", "stop", 2)).toBe(true);
    await instance.done(verb);
    expect(await states()).toEqual([verb === "stop" ? "exited" : "running"]);
    if (verb === "stop") await instance.done("start");
  }
  expect(await instance.done("up")).toContain("Nothing changed");
});

test("down --keep-data leaves the volumes alone, and the next up is the same cluster with all that it held", async () => {
  const aim = AIMS.keepData.seconds;
  const [before, volumes] = [await identity(), (await instance.made()).filter((line) => line.startsWith("volume "))];
  expect(volumes.length).toBeGreaterThan(3);
  await underLoad("`down --keep-data` and `up`", traffic("keep", aim.writes), async () => {
    expect(await timed("down", aim.down, ["--keep-data"])).toContain(`${volumes.length} volumes`);
    expect(await instance.made()).toEqual(volumes);
    expect(await instance.done("down", ["--keep-data"])).toContain("Nothing to do");
    // What it will change is told in the words of diff: two networks are made again, and nothing else of the foundation.
    expect(await timed("up", aim.up)).toMatch(/^│ foundation +│ 2 +│ 0 +│ 0 +│ 0 +│/m);
    await untilWritten();
  });
  expect(await identity()).toEqual(before);
  expect(await instance.done("logs", ["audit", "--tail", "all"])).toContain("down --keep-data");
  expect(await instance.done("up")).toContain("Nothing changed");
});

test("a down --keep-data that is interrupted is undone by up, protected data or not", async () => {
  const before = await identity();
  expect(await instance.cutOff("SIGINT", "down", 4, ["--keep-data"], { ROLLCALL_PROTECT: "on" })).toBe(true);
  await instance.done("up");
  expect(await identity()).toEqual(before);
});

test("where there is no platform, stop and start say what makes one, and of a named one no data can be kept", async () => {
  await instance.down();
  for (const verb of ["stop", "start"] as const) {
    const { code, stderr } = await instance.run(verb);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("npx rollcall up") });
  }
  const named = await instance.run("down", {}, [], ["another", "--keep-data"]);
  expect(named).toMatchObject({ code: 1, stderr: expect.stringContaining("Leave the name out") });
});
