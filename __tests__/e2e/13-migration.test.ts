/**
 * @needs platform
 * @areas ops/verbs/import.ts ops/verbs/import ops/verbs/catalog.ts lib/catalog/imported lib/consul/gateway/legacy-gateway.ts
 *   lib/consul/gateway/legacy-gateway-config.ts docs/migration.md ops/verbs/audit.ts
 * @seconds 220
 * @command test:all
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../../ops/platform/free-ports.js";
import { furtherImage } from "./support/further-image.js";
import { Instance } from "./support/instance.js";
import { OldPlatform } from "./support/old-platform.js";
import { command, docker, type Ended, measured, nameOf, output, platform, until } from "./support/platform.js";
import { Repeater } from "./support/poll.js";

const SERVICES = [
  { name: "billing_service", address: "real-billing", port: 8216 },
  { name: "order_service", address: "real-order", port: 8105 },
];

/** The three phases of the deployment guide, as docs/migration.md walks through them. */
let own: Instance;
let old: OldPlatform;
let oldConsul: string;
let env: Record<string, string>;
let imported: Ended;
const containers = new Map<string, string>();

beforeAll(async () => {
  own = await Instance.create(`mig${process.pid % 1000}-`);
  old = new OldPlatform(`old${process.pid % 1000}-`, await furtherImage("node", own.settings));
  const [port = 0] = await freePorts(1);
  oldConsul = `http://127.0.0.1:${port}`;
  const image = (await docker("inspect", "--format", "{{.Image}}", nameOf("consul-server-1"))).trim();
  await old.start(image, port);
  for (const service of SERVICES) containers.set(service.name, await old.startService(service, true));
  await until("the services have registered themselves at the old Consul", 20, async () => {
    const answer = await fetch(`${oldConsul}/v1/health/state/passing`);
    const checks = (await answer.json()) as readonly { readonly ServiceName: string }[];
    return SERVICES.every(({ name }) => checks.some(({ ServiceName }) => ServiceName === name));
  });
  env = {
    ROLLCALL_CATALOG: join(own.folder, "imported"),
    ROLLCALL_NETWORKS: old.network,
    ROLLCALL_COEXIST: "on",
  };
});
afterAll(async () => {
  await own.down(env);
  // The containers and the network that are not the platform's stay until now.
  await old.remove();
  await own.remove();
});

function catalog(args: readonly string[], more: Record<string, string> = {}): Promise<Ended> {
  return command(process.execPath, ["ops/run.mjs", "catalog", ...args], {
    cwd: platform().folder,
    env: { ...own.settings, ...env, ...more },
  });
}

/** What a container of the old network gets for a request to `staging-consul:8500`. */
async function asOldService(method: string, path: string, body: unknown = ""): Promise<number> {
  const options = JSON.stringify({ method, ...(method === "GET" ? {} : { body: JSON.stringify(body) }) });
  const script = `fetch("http://staging-consul:8500${path}",${options}).then((answer) => console.log(answer.status))`;
  const container = containers.get("billing_service") ?? "";
  return Number(await docker("exec", container, "node", "--eval", script));
}

/** The services that nobody who asks for passing instances would find now. */
async function servicesWithoutInstance(): Promise<readonly string[]> {
  const found = await Promise.all(
    SERVICES.map(async ({ name }) => {
      const answer = await fetch(`http://127.0.0.1:${own.httpPort}/v1/health/service/${name}?passing`);
      return ((await answer.json()) as readonly unknown[]).length > 0 ? [] : [name];
    }),
  );
  return found.flat();
}

test("a network that is not there is named, and nothing is made", async () => {
  const never = await Instance.create(`nonet${process.pid % 1000}-`);
  const ended = await never.run("up", { ROLLCALL_NETWORKS: "no-such-network" });
  expect(ended).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(
      "ROLLCALL_NETWORKS names no-such-network, and this Docker host has no such network",
    ),
  });
  expect(await never.made()).toEqual([]);
  await never.remove();
});

test("import from what is no Consul says so", async () => {
  const to = join(own.folder, "nothing");
  expect(await catalog(["import", "--from", "http://127.0.0.1:9", "--to", to])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("http://127.0.0.1:9 does not answer as Consul does"),
  });
});

test("import writes what the old Consul holds, and asks for what it could not know: the checks", async () => {
  const to = env.ROLLCALL_CATALOG ?? "";
  imported = await catalog(["import", "--from", oldConsul, "--to", to]);
  // A heartbeat says nothing about how to check a service: both are to be answered by hand.
  expect(imported.code).toBe(1);
  expect(imported.stdout).toContain(`${join(to, "imported.yaml")}  2 services\n`);
  expect(imported.stdout).toMatch(/\n0 left out, 2 to answer by hand: docs\/migration\.md says how\.\n$/);
  expect((await catalog(["lint"])).stdout).toBe("2 services of 1 team, no mistake\n");
  const again = await catalog(["import", "--from", oldConsul, "--to", to]);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("is not empty, and nothing is overwritten") });

  const file = join(to, "imported.yaml");
  const text = readFileSync(file, "utf8");
  expect(text.match(/# nothing checks it here: it sent a TTL heartbeat/g)).toHaveLength(2);
  const check = ["kind: http", "path: /health", "interval: 2s", "timeout: 1s", "failures_before_critical: 1"];
  writeFileSync(file, text.replace(/kind: none\n +reason: .*/g, check.join("\n      ")));
});

test("while the old Consul still has its name, the platform does not take it", async () => {
  const ended = await own.run("up", env);
  expect(ended).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`The container ${old.consul} answers to staging-consul on the network`),
  });
  expect(await own.made()).toEqual([]);
});

describe("once the platform has taken the old Consul's place", () => {
  let looks: Repeater<readonly string[]>;

  beforeAll(async () => {
    await docker("stop", "--time", "2", old.consul);
    const upped = await own.run("up", env);
    expect(upped).toMatchObject({ code: 0, stdout: expect.stringMatching(/imported +2 of +2 +passing/) });
    expect(upped.stdout).toContain("Coexist");
    looks = new Repeater(10, 1, servicesWithoutInstance);
  });
  afterAll(() => Repeater.stopAll());

  test("phase 1: each service stands twice, and audit tells by whom, and that the door is open", async () => {
    const audited = await until("audit tells of both services", 20, async () => {
      const ended = await catalog(["audit"]);
      return ended.stdout.match(/registered once more/g)?.length === 2 && ended;
    });
    expect(audited.code).toBe(1);
    for (const { name, address, port } of SERVICES)
      expect(audited.stdout).toContain(
        `${name}: registered once more as ${name}-old on consul-server-1, at ${address}:${port}, by the service itself, with a TTL heartbeat`,
      );
    expect(audited.stdout).toMatch(/^ROLLCALL_COEXIST: is on/m);
  });

  test("what an old service may do is to register itself under a declared name, and to read", async () => {
    const register = "/v1/agent/service/register";
    expect({
      declared: await asOldService("PUT", register, { ID: "third", Name: "billing_service" }),
      undeclared: await asOldService("PUT", register, { Name: "other_service" }),
      prefix: await asOldService("PUT", register, { Name: "billing_service_2" }),
      write: await asOldService("PUT", "/v1/kv/catalog/imported/billing_service", "x"),
      configuration: await asOldService("GET", "/v1/agent/self"),
      read: await asOldService("GET", "/v1/health/service/order_service?passing"),
      deregister: await asOldService("PUT", "/v1/agent/service/deregister/third"),
    }).toEqual({
      declared: 200,
      undeclared: 403,
      prefix: 403,
      write: 403,
      configuration: 403,
      read: 200,
      deregister: 200,
    });
  });

  test("from the control plane the door is shut", async () => {
    const address = (own.settings.ROLLCALL_CONTROL_SUBNET ?? "").replace(/0\/24$/, "22");
    const script = `wget -q -O - http://${address}:8500/v1/catalog/services 2>&1 || true`;
    const answer = await docker("exec", `${own.prefix}consul-agent-shared`, "sh", "-c", script);
    expect(answer).toContain("403");
  });

  test("phase 2: verify and drift take what registers itself for what it is, and up changes nothing", async () => {
    expect(await own.run("verify", env)).toMatchObject({ code: 0 });
    expect(await own.run("drift", env)).toMatchObject({ code: 0 });
    expect((await own.run("up", env)).stdout).toContain("Nothing changed");
  });

  test("secrets are exchanged under old services: they register with the new token, over the new certificates", async () => {
    for (const what of ["tokens", "certificates"])
      expect(await own.run("rotate", env, [], [what])).toMatchObject({ code: 0 });
    const { certificates } = JSON.parse((await own.run("status", env, [], ["--json"])).stdout);
    const [ca, ...others] = certificates.map(({ name }: { name: string }) => name);
    expect([ca, others]).toEqual(["ca", expect.arrayContaining(["server-1", "agent", "gateway", "legacy"])]);
    const register = await asOldService("PUT", "/v1/agent/service/register", { ID: "third", Name: "billing_service" });
    expect([register, await asOldService("PUT", "/v1/agent/service/deregister/third")]).toEqual([200, 200]);
    expect(await own.run("verify", env)).toMatchObject({ code: 0 });
  });

  test("phase 3: each service is replaced by one that registers nothing, and what it left is taken away", async () => {
    for (const service of SERVICES) {
      await old.startService(service, false);
      const before = containers.get(service.name) ?? "";
      await docker("network", "disconnect", old.network, before);
      await docker("rm", "--force", "--volumes", before);
    }
    const audited = await catalog(["audit"]);
    const mends = audited.stdout.split("\n").filter((line) => line.includes("consul services deregister"));
    expect(mends).toHaveLength(2);
    for (const mend of mends) {
      const shell = { cwd: platform().folder, env: { ...own.settings, ...env } };
      expect(await command("sh", ["-c", mend], shell)).toMatchObject({ code: 0 });
    }
    const closed = await own.run("up", { ...env, ROLLCALL_COEXIST: "off" });
    expect(closed).toMatchObject({ code: 0 });
    expect(await output("docker", ["ps", "--all", "--format", "{{.Names}}"])).not.toContain(
      `${own.prefix}consul-legacy`,
    );
  });

  test("it ends without duplicates, and no look found a service without a passing instance", async () => {
    const ended = await catalog(["audit"], { ROLLCALL_COEXIST: "off" });
    expect(ended).toMatchObject({ code: 0, stdout: "Consul has what is declared, 2 declared\n" });
    expect(await own.run("verify", { ...env, ROLLCALL_COEXIST: "off" })).toMatchObject({ code: 0 });
    const attempts = await looks.stop();
    const bad = attempts.filter(({ value, problem }) => problem !== "" || value?.length !== 0);
    measured(
      `of ${attempts.length} looks, failed or found a service without a passing instance`,
      bad.length,
      0,
      "looks",
    );
    expect(attempts.length).toBeGreaterThan(200);
    expect(bad).toEqual([]);
  });

  test("importing what now runs, and rendering it, gives the same registrations", async () => {
    const to = join(own.folder, "again");
    const from = ["--from", `http://127.0.0.1:${own.httpPort}`];
    await until("the checks have told what they ask", 10, async () => {
      const answer = await fetch(`${from[1]}/v1/health/service/order_service`);
      return (await answer.text()).includes("HTTP GET http://real-order:8105/health");
    });
    expect(await catalog(["import", ...from, "--to", to])).toMatchObject({ code: 0 });
    // Of a threshold Consul tells nothing.
    const rendered = async (folder: string) =>
      (await catalog(["render"], { ROLLCALL_CATALOG: folder })).stdout.replace(
        /,\s+"failures_before_critical": 1/g,
        "",
      );
    expect(JSON.parse(await rendered(to))).toEqual(JSON.parse(await rendered(env.ROLLCALL_CATALOG ?? "")));
  });
});
