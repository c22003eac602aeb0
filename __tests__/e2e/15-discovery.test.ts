/**
 * @needs platform
 * @areas discovery lib/consul/registrar/service-queries.ts
 * @seconds 110
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createDiscovery } from "../../discovery/src/create-discovery.js";
import type { Discovery } from "../../discovery/src/discovery.js";
import type { DiscoveryOptions } from "../../discovery/src/options.js";
import { Applications } from "./support/application.js";
import { CatalogFiles } from "./support/clone.js";
import { untilAllPass } from "./support/cluster.js";
import { apiJson, docker, measured, nameOf, platform, rollcall, token, until } from "./support/platform.js";

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
  expect(await rollcall("up")).toMatchObject({ code: 0 });
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
  expect(await rollcall("up")).toMatchObject({ code: 0 });
  await untilAllPass(60);
});

describe("instances that come and go", () => {
  test("register themselves and pass, and the platform takes them for what they are", async () => {
    await until("three workers pass", 10, async () => (await passingWorkers()).join() === WORKERS.join());
    expect(await rollcall("verify")).toMatchObject({ code: 0 });
    expect(await rollcall("catalog", ["audit"])).toMatchObject({ code: 0 });
    expect(await rollcall("up")).toMatchObject({ stdout: expect.stringContaining("Nothing changed") });
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
