import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createDiscovery } from "../../discovery/src/create-discovery.ts";
import type { Discovery } from "../../discovery/src/discovery.ts";
import type { DiscoveryOptions } from "../../discovery/src/options.ts";
import { Applications } from "./support/application";
import { CatalogFiles } from "./support/clone";
import { untilAllPass } from "./support/cluster";
import { Picking } from "./support/picking";
import { apiJson, crash, docker, measured, nameOf, npm, platform, token, until } from "./support/platform";
import { call } from "./support/poll";

const SERVERS = ["consul-server-1", "consul-server-2", "consul-server-3"] as const;
const WORKERS = ["worker-1", "worker-2", "worker-3"] as const;
const catalog = new CatalogFiles();
const folder = mkdtempSync(join(tmpdir(), "rollcall-discovery-"));
const open = new Set<Discovery>();
let applications: Applications;
let dynamicToken = "";
let management = "";

/** A client as a program on the host has it: by the gateway. */
function client(options: DiscoveryOptions = {}): Discovery {
  const made = createDiscovery({ env: {}, host: "127.0.0.1", port: platform().httpPort, ...options });
  open.add(made);
  return made;
}

/** The environment of an application in a container, in the words of the seed. */
const environment = (more: Readonly<Record<string, string>> = {}) => ({
  CONSUL_HOST: "consul-agent-shared",
  CONSUL_PORT: "8500",
  CONSUL_TOKEN: dynamicToken,
  CONSUL_DATACENTER: "dc1",
  SERVICE_REGION: "eu-central",
  ...more,
});

const startWorker = (name: string) =>
  applications.start(
    name,
    "worker.mjs",
    environment({
      SERVICE_NAME: "worker_service",
      SERVICE_HOST: name,
      SERVICE_PORT: "9000",
      SERVICE_TAGS: "v1,batch",
      HEALTH_CHECK_DEREGISTER_AFTER: "60s",
      SERVICE_REGION: name === "worker-3" ? "us-east" : "eu-central",
    }),
  );

/** The command `consul` at the shared agent, as whoever may do everything. */
const consul = () => ["exec", "--env", `CONSUL_HTTP_TOKEN=${management}`, nameOf("consul-agent-shared"), "consul"];

/** The hosts of the workers that pass, as Consul says without any client. */
async function passingWorkers(): Promise<readonly string[]> {
  const entries = await apiJson<readonly { Service: { Address: string } }[]>(
    "/v1/health/service/worker_service?passing",
  );
  return entries.map(({ Service }) => Service.Address).sort();
}

beforeAll(async () => {
  catalog.edit("user-services.yaml", "services:\n", "services:\n  worker_service: { dynamic: true }\n");
  expect(await npm("up")).toMatchObject({ code: 0 });
  [dynamicToken, management] = [await token("dynamic"), await token("management")];
  applications = await Applications.create();
  for (const name of WORKERS) await startWorker(name);
});
afterAll(async () => {
  await Promise.all([...open].map((each) => each.close()));
  // A worker that is ended takes itself out; one that was killed is dropped by Consul after a minute, or here.
  await docker("stop", "--timeout", "5", nameOf("test-worker-1"));
  await docker(...consul(), "services", "deregister", "-id=worker_service-worker-2-9000").catch(() => {});
  await applications.remove();
  rmSync(folder, { recursive: true });
  catalog.restore();
  expect(await npm("up")).toMatchObject({ code: 0 });
  await untilAllPass(60);
});

describe("instances that come and go", () => {
  test("register themselves and pass, and the platform takes them for what they are", async () => {
    await until("three workers pass", 10, async () => (await passingWorkers()).join() === WORKERS.join());
    expect(await npm("verify")).toMatchObject({ code: 0 });
    expect(await npm("catalog", ["audit"])).toMatchObject({ code: 0 });
    expect(await npm("up")).toMatchObject({ stdout: expect.stringContaining("Nothing changed") });
  });

  test("are called by every strategy, evenly by round-robin, and no other region by region-based", async () => {
    const counts = (await applications.run("caller.mjs", ["call", "worker_service"], environment())) as Readonly<
      Record<string, Readonly<Record<string, number>>>
    >;
    for (const [strategy, byHost] of Object.entries(counts)) {
      expect([strategy, Object.keys(byHost).filter((host) => !WORKERS.some((name) => name === host))]).toEqual([
        strategy,
        [],
      ]);
      expect([strategy, Object.values(byHost).reduce((sum, count) => sum + count, 0)]).toEqual([strategy, 60]);
    }
    expect(counts["round-robin"]).toEqual({ "worker-1": 20, "worker-2": 20, "worker-3": 20 });
    for (const strategy of ["p2c", "random", "consistent-hash"])
      expect([strategy, Object.keys(counts[strategy] ?? {}).length]).toEqual([strategy, 3]);
    expect(Object.keys(counts["region-based"] ?? {})).not.toContain("worker-3");
  });

  test("cannot register what the catalog declares itself, nor anything with a token that only reads", async () => {
    const register = (service: string, more = {}) =>
      applications.run("caller.mjs", ["register", service], environment(more));
    expect(await register("billing_service")).toMatch(/^DECLARED_IN_CATALOG: .*billing_service/);
    expect(await register("another_service")).toMatch(/^CONSUL_REFUSED: /);
    expect(await register("worker_service", { CONSUL_TOKEN: await token("discovery") })).toMatch(/^CONSUL_REFUSED: /);
  });

  test("have names that Consul's DNS gives: declared ones and dynamic ones", async () => {
    const resolve = (name: string) => applications.run("caller.mjs", ["resolve", name], environment());
    // A worker whose check was late once is not given until the next one.
    await until("DNS gives three workers", 5, async () => {
      const given = await resolve("worker-service.query.consul");
      return Array.isArray(given) && given.length === 3;
    });
    expect(await resolve("billing-service.query.consul")).toEqual([expect.objectContaining({ port: 8216 })]);
  });

  test("are registered again after Consul lost them", async () => {
    await docker(...consul(), "services", "deregister", "-id=worker_service-worker-1-9000");
    await until("the lost worker is back", 5, async () => (await passingWorkers()).length === 3);
  });

  test("that are ended take themselves out, and one that is killed leaves the picks as soon as Consul knows", async () => {
    const discovery = client();
    await docker("stop", "--timeout", "5", nameOf("test-worker-3"));
    await until("the ended worker is gone", 5, async () => (await passingWorkers()).join() === "worker-1,worker-2");
    const pool = await discovery.pool("worker_service", { strategy: "round-robin" });
    await until("nobody picks it", 5, async () => {
      const hosts = [pool.pick(), pool.pick(), pool.pick(), pool.pick()].map(({ address }) => address);
      return !hosts.includes("worker-3");
    });

    let lastPicked = 0;
    const timer = setInterval(() => {
      if ([pool.pick(), pool.pick()].some(({ address }) => address === "worker-2")) lastPicked = Date.now();
    }, 5);
    try {
      await docker("kill", nameOf("test-worker-2"));
      await until("Consul knows", 10, async () => (await passingWorkers()).join() === "worker-1");
      const known = Date.now();
      await sleep(1000);
      const late = Math.max(0, lastPicked - known);
      measured("picked after Consul was seen to know", late / 1000, 0.25);
      expect(late).toBeLessThan(750);
    } finally {
      clearInterval(timer);
    }
  });
});

describe("while Consul fails", () => {
  test("the leader killed: no failed pick", async () => {
    const discovery = client();
    const picking = new Picking(discovery, "billing_service");
    const leader = await apiJson<string>("/v1/status/leader");
    const peers = await apiJson<readonly { Node: string; Address: string }[]>("/v1/catalog/nodes");
    const name = peers.find(({ Address }) => leader.startsWith(`${Address}:`))?.Node ?? "";
    const startedAt = () => docker("inspect", "--format", "{{.State.StartedAt}}", nameOf(name));
    const before = await startedAt();
    await crash(name);
    await until("it is started again", 10, async () => (await startedAt()) !== before);
    // It may be the same one: it is started again before the others have missed it.
    await until("there is a leader", 10, async () => (await apiJson<string>("/v1/status/leader")) !== "");
    await sleep(2000);
    const { picks, failed } = await picking.stop();
    measured("picks while the leader was killed", picks, "all", "picks");
    expect(failed).toEqual([]);
    expect(picks).toBeGreaterThan(100);
  });

  test("every server stopped for a minute: no failed pick, the age is told, and cold starts have the snapshot or the catalog", async () => {
    const snapshot = join(folder, "snapshot.json");
    const discovery = client({ snapshot, snapshotEveryMs: 500 });
    await discovery.pick("billing_service");
    await sleep(1500);
    const picking = new Picking(discovery, "billing_service");
    await docker("stop", "--timeout", "2", ...SERVERS.map(nameOf));
    try {
      const cold = client({ snapshot });
      expect(await cold.pick("billing_service")).toMatchObject({ address: "isa-billing", port: 8216 });
      expect(await cold.instances("billing_service")).toMatchObject({ source: "snapshot", error: expect.any(Error) });
      const declared = client({ staticCatalog: join(platform().folder, "service-catalog") });
      expect(await declared.pick("order_service")).toMatchObject({ address: "isa-order", port: 8105 });
      expect(await declared.instances("order_service")).toMatchObject({ source: "static" });
      await expect(client().pick("order_service")).rejects.toThrow(/Consul/);
      await sleep(60_000);
      const { ageMs, source } = await discovery.instances("billing_service");
      measured("age that is told after a minute without servers", ageMs / 1000, "about 60");
      expect(source).toBe("consul");
      expect(ageMs).toBeGreaterThan(50_000);
    } finally {
      await docker("start", ...SERVERS.map(nameOf));
    }
    await until("Consul is asked again", 40, async () => {
      const { ageMs, error } = await discovery.instances("billing_service");
      return error === undefined && ageMs < 30_000;
    });
    const { picks, failed } = await picking.stop();
    measured("picks while there was no server", picks, "all", "picks");
    expect(failed).toEqual([]);
  });

  test("a token revoked is told as that, what is known is served on, and the token given back is enough", async () => {
    await until("there is a leader", 30, async () => (await apiJson<string>("/v1/status/leader")) !== "");
    const policy = { Policies: [{ Name: "rollcall-discovery" }] };
    const made = JSON.parse(
      await call("/v1/acl/token", { method: "PUT", token: management, body: JSON.stringify(policy) }),
    ) as { readonly AccessorID: string; readonly SecretID: string };
    const discovery = client({ token: made.SecretID, maxWatches: 0, ttlMs: 500 });
    await until("the new token reads", 10, () => discovery.pick("billing_service"));
    await call(`/v1/acl/token/${made.AccessorID}`, { method: "DELETE", token: management });
    const told = await until("the refusal is told", 40, async () => {
      const { error } = await discovery.instances("billing_service");
      return error instanceof Error && error;
    });
    expect(told.message).toMatch(/403|refused|token/i);
    expect(await discovery.pick("billing_service")).toMatchObject({ address: "isa-billing" });
    const again = { ...policy, AccessorID: made.AccessorID, SecretID: made.SecretID };
    await call("/v1/acl/token", { method: "PUT", token: management, body: JSON.stringify(again) });
    await until("it reads again", 40, async () => (await discovery.instances("billing_service")).error === undefined);
    await call(`/v1/acl/token/${made.AccessorID}`, { method: "DELETE", token: management });
  });
});
