import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCatalog } from "../../lib/catalog/read-catalog.js";
import { createDiscovery } from "../src/create-discovery.js";
import type { Discovery } from "../src/discovery.js";
import type { Load } from "../src/endpoint.js";
import type { Metrics, Stats } from "../src/metrics.js";
import type { DiscoveryOptions } from "../src/options.js";
import { type PromClient, promMetrics } from "../src/prom-metrics.js";
import type { StrategyFactory } from "../src/strategy.js";
import { FakeConsul } from "./support/fake-consul.js";
import { until } from "./support/helpers.js";

let consul: FakeConsul;
let port: number;
let folder: string;
const opened: Discovery[] = [];
const servers: Server[] = [];

beforeEach(async () => {
  consul = new FakeConsul();
  port = await consul.start();
  folder = mkdtempSync(join(tmpdir(), "discovery-client-"));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
  await consul.stop();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
  rmSync(folder, { recursive: true, force: true });
});

function discover(options: DiscoveryOptions = {}): Discovery {
  const made = createDiscovery({ port, env: {}, timeoutMs: 500, waitMs: 2000, backoffMs: [5, 40], ...options });
  opened.push(made);
  return made;
}

/** An instance that answers as it is told; gives its port. */
async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const says = (status: number, text: string) => serve((_, answer) => answer.writeHead(status).end(text));

test("fetch calls an instance and gives its answer", async () => {
  consul.set("web", [
    { id: "a", port: await serve((request, answer) => answer.end(`${request.method} ${request.url}`)) },
  ]);
  const answer = await discover().fetch("web", "/orders?page=2");
  expect(await answer.text()).toBe("GET /orders?page=2");
});

test("an idempotent call goes to another instance where one refuses, and no caller notices", async () => {
  consul.set("web", [
    { id: "a", port: 1 },
    { id: "b", port: await says(503, "busy") },
    { id: "c", port: await says(200, "well") },
  ]);
  const discovery = discover({ strategy: "round-robin" });
  for (let call = 0; call < 6; call++) expect(await (await discovery.fetch("web", "/")).text()).toBe("well");
});

test("a POST is made once, whatever becomes of it, unless it has an idempotency key", async () => {
  let calls = 0;
  const failing = await serve((_, answer) => {
    calls++;
    answer.writeHead(503).end();
  });
  consul.set("web", [
    { id: "a", port: failing },
    { id: "b", port: failing },
  ]);
  const discovery = discover();
  expect((await discovery.fetch("web", "/", { method: "POST", body: "x" })).status).toBe(503);
  expect(calls).toBe(1);
  await discovery.fetch("web", "/", { method: "POST", body: "x", headers: { "idempotency-key": "1" } });
  expect(calls).toBe(3);
});

test("retries have a budget: where everything fails, they add a fifth and ten calls, and no more", async () => {
  let calls = 0;
  const failing = await serve((_, answer) => {
    calls++;
    answer.writeHead(503).end();
  });
  consul.set("web", [
    { id: "a", port: failing },
    { id: "b", port: failing },
  ]);
  const discovery = discover();
  for (let call = 0; call < 100; call++) await (await discovery.fetch("web", "/")).text();
  expect(calls).toBeLessThanOrEqual(100 + 10 + 20);
});

test("five failures in a row eject an instance, and the calls go elsewhere without an attempt there", async () => {
  let failed = 0;
  const failing = await serve((_, answer) => {
    failed++;
    answer.writeHead(500).end();
  });
  consul.set("web", [
    { id: "bad", port: failing },
    { id: "b", port: await says(200, "") },
    { id: "c", port: await says(200, "") },
  ]);
  const discovery = discover({ strategy: "round-robin" });
  for (let call = 0; call < 60; call++) await (await discovery.fetch("web", "/")).text();
  expect(failed).toBe(5);
  expect(discovery.stats().services.get("web")).toMatchObject({ instances: 3, available: 2, ejected: 1 });
});

test("a caller who gives up is told so, and the instance is not blamed", async () => {
  consul.set("web", [{ id: "a", port: await serve(() => {}) }]);
  const discovery = discover();
  for (let call = 0; call < 6; call++) {
    const gone = new AbortController();
    const answer = discovery.fetch("web", "/", { signal: gone.signal });
    await until("it is under way", () => discovery.stats().services.get("web")?.picks === call + 1);
    gone.abort(new Error("enough"));
    await expect(answer).rejects.toThrow("enough");
  }
  expect(discovery.stats().services.get("web")?.ejected).toBe(0);
});

test("an attempt that takes too long fails by itself", async () => {
  consul.set("web", [{ id: "a", port: await serve(() => {}) }]);
  await expect(discover().fetch("web", "/", { attemptTimeoutMs: 50 })).rejects.toMatchObject({ name: "TimeoutError" });
});

test("a lease counts until it is released, once", async () => {
  consul.set("web", [{ id: "a" }, { id: "b" }]);
  const discovery = discover({ strategy: "least-connections" });
  const [one, other] = [await discovery.acquire("web"), await discovery.acquire("web")];
  expect(new Set([one.instance.id, other.instance.id])).toEqual(new Set(["a", "b"]));
  expect(one.host).toBe("127.0.0.1:80");
  one.release({ ok: true, latencyMs: 3 });
  one.release({ ok: true, latencyMs: 3 });
  expect((await discovery.acquire("web")).instance.id).toBe(one.instance.id);
});

test("an own strategy is a function, and is made once for each service", async () => {
  consul.set("web", [{ id: "a" }, { id: "b" }]);
  let made = 0;
  const lastOne: StrategyFactory = () => {
    made++;
    let candidates: readonly Load[] = [];
    return {
      name: "last-one",
      update: (now) => {
        candidates = now;
      },
      pick: () => candidates.at(-1),
    };
  };
  const discovery = discover();
  const pick = () => discovery.pick("web", { strategy: lastOne });
  expect([(await pick()).id, (await pick()).id]).toEqual(["b", "b"]);
  expect(made).toBe(1);
});

test("picks keep to the filter", async () => {
  consul.set("web", [
    { id: "a", tags: ["v1"], meta: { version: "1.9.0" } },
    { id: "b", tags: ["v2"], meta: { version: "2.1.0" } },
  ]);
  const discovery = discover();
  expect((await discovery.pick("web", { version: "^2.0.0" })).id).toBe("b");
  expect((await discovery.pick("web", { tags: ["v1"] })).id).toBe("a");
  await expect(discovery.pick("web", { meta: { region: "north" } })).rejects.toThrow(
    'that {"meta":{"region":"north"}}',
  );
});

test("what was known is written to disk whole, for nobody else to read, and serves a start without Consul", async () => {
  const snapshot = join(folder, "known.json");
  consul.set("web", [{ id: "a", meta: { region: "north" } }]);
  const first = discover({ snapshot });
  await first.pick("web");
  await first.close();
  expect(readdirSync(folder)).toEqual(["known.json"]);
  expect(statSync(snapshot).mode & 0o777).toBe(0o600);
  const second = discover({ snapshot, port: 1 });
  const view = await second.instances("web");
  expect(view).toMatchObject({ source: "snapshot", instances: [{ id: "a", meta: { region: "north" } }] });
  expect(view.ageMs).toBeLessThan(60_000);
  await expect(second.pick("other")).rejects.toMatchObject({ code: "CONSUL_UNREACHABLE" });
});

test("a link that lies where the snapshot is written beside is not followed", async () => {
  const [snapshot, victim] = [join(folder, "known.json"), join(folder, "victim")];
  writeFileSync(victim, "mine");
  symlinkSync(victim, `${snapshot}.${process.pid}.tmp`);
  consul.set("web", [{ id: "a" }]);
  const discovery = discover({ snapshot });
  await discovery.pick("web");
  await discovery.close();
  expect(readFileSync(victim, "utf8")).toBe("mine");
  expect(JSON.parse(readFileSync(snapshot, "utf8")).services.web.instances).toHaveLength(1);
});

test("a snapshot that is older than the maximum age is not believed, and a damaged one is told and overlooked", async () => {
  const snapshot = join(folder, "known.json");
  consul.set("web", [{ id: "a" }]);
  const first = discover({ snapshot });
  await first.pick("web");
  await first.close();
  const file = JSON.parse(readFileSync(snapshot, "utf8"));
  file.services.web.at -= 90_000;
  writeFileSync(snapshot, JSON.stringify(file));
  await expect(discover({ snapshot, port: 1, maxAgeMs: 60_000 }).pick("web")).rejects.toThrow("ECONNREFUSED");
  writeFileSync(snapshot, JSON.stringify(file).slice(0, 50));
  const errors: unknown[] = [];
  await expect(discover({ snapshot, port: 1, onError: (error) => errors.push(error) }).pick("web")).rejects.toThrow();
  expect(String(errors[0])).toContain("JSON");
});

test("the platform's own catalog is the last resort: each of the 40 services at its declared place", async () => {
  const discovery = discover({ port: 1, staticCatalog: "service-catalog" });
  const { services } = readCatalog("service-catalog");
  expect(services).toHaveLength(40);
  for (const { name, address, port: at, tags, meta, team } of services) {
    const { instances, source, ageMs } = await discovery.instances(name);
    expect({ source, ageMs }).toEqual({ source: "static", ageMs: Number.POSITIVE_INFINITY });
    expect(instances).toMatchObject([{ address, port: at, tags, meta: { ...meta, team } }]);
  }
});

test("services with several instances stand where the platform declares each, with its own tags, meta and region", async () => {
  const catalog = "service-catalog/examples/ish-chat";
  const discovery = discover({ port: 1, staticCatalog: catalog });
  const { services } = readCatalog(catalog);
  const instances = await Promise.all(
    [...new Set(services.map(({ name }) => name))].map(async (name) => (await discovery.instances(name)).instances),
  );
  const of = (id: string) => instances.flat().find((each) => each.id === id);
  expect(services.filter(({ id, name }) => id !== name).length).toBeGreaterThan(0);
  for (const { id, name, address, port: at, tags, meta, team, weights } of services)
    expect(of(id)).toMatchObject({
      ...{ service: name, address, port: at, tags, meta: { ...meta, team }, weight: weights?.passing ?? 1 },
    });
  expect(instances.flat()).toHaveLength(services.length);
});

test("a broken file in the catalog's folder is told to onError: Consul is asked, and the other files count", async () => {
  consul.set("web", [{ id: "a" }]);
  writeFileSync(join(folder, "broken.yaml"), "services: [\n");
  writeFileSync(join(folder, "list.yaml"), "- web\n");
  writeFileSync(join(folder, "empty.yaml"), "");
  symlinkSync(join(folder, "vanished.yaml"), join(folder, "link.yaml"));
  mkdirSync(join(folder, "folder.yaml"));
  execFileSync("mkfifo", [join(folder, "pipe.yaml")]);
  // What editors (a lock, a link to nowhere), macOS and shells leave there is no catalog.
  symlinkSync("user@host.1:2", join(folder, ".#team.yaml"));
  writeFileSync(join(folder, "._team.yaml"), Buffer.from([0, 5, 22, 7]));
  // `up` takes neither.
  for (const name of ["short.yml", "loud.YAML"]) writeFileSync(join(folder, name), "team: t\nservices: {}\n");
  writeFileSync(join(folder, "team.yaml"), "team: t\nservices: { declared: { address: here, port: 7 } }\n");
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const discovery = discover({ staticCatalog: folder, onError });
  expect((await discovery.pick("web")).id).toBe("a");
  const named = errors.map((error) => /catalog .*\/([\w.#]+) cannot be read/.exec(String(error))?.[1]).sort();
  expect(named).toEqual([
    ...["broken.yaml", "folder.yaml", "link.yaml", "list.yaml", "loud.YAML", "pipe.yaml", "short.yml"],
  ]);
  expect((await discover({ staticCatalog: folder, port: 1 }).pick("declared")).address).toBe("here");
});

test("a catalog's folder that is missing is told to onError, and Consul is asked; also where onError throws", async () => {
  consul.set("web", [{ id: "a" }]);
  const errors: unknown[] = [];
  const staticCatalog = join(folder, "nowhere");
  expect((await discover({ staticCatalog, onError: (error) => errors.push(error) }).pick("web")).id).toBe("a");
  expect(errors).toMatchObject([
    { code: "INVALID_OPTION", message: expect.stringContaining("nowhere cannot be read") },
  ]);
  const onError = () => {
    throw new Error("the log is full");
  };
  expect((await discover({ staticCatalog, onError }).pick("web")).id).toBe("a");
  await expect(discover({ port: 1, onError }).pick("web")).rejects.toMatchObject({ code: "CONSUL_UNREACHABLE" });
});

test("a client on its snapshot finds Consul when it comes back", async () => {
  const discovery = discover({ port: 1, staticCatalog: [{ services: { web: { port: 1, address: "old" } } }] });
  expect((await discovery.pick("web")).address).toBe("old");
  const free = await says(200, "");
  servers.splice(0).forEach((server) => {
    server.close();
    server.closeAllConnections();
  });
  const late = discover({ port: free, staticCatalog: [{ services: { web: { port: 1, address: "old" } } }] });
  expect((await late.pick("web")).address).toBe("old");
  const back = new FakeConsul();
  back.set("web", [{ id: "a", address: "new" }]);
  await back.start(free);
  await until("Consul is found", () => late.stats().services.get("web")?.source === "consul");
  expect((await late.pick("web")).address).toBe("new");
  await late.close();
  await back.stop();
});

test("a watch ends with its signal, with its loop and with close", async () => {
  consul.set("web", [{ id: "a" }]);
  const discovery = discover();
  const gone = new AbortController();
  const kinds: string[] = [];
  for await (const { kind } of discovery.watch("web", { signal: gone.signal })) {
    kinds.push(kind);
    gone.abort();
  }
  for await (const { kind } of discovery.watch("web")) {
    kinds.push(kind);
    break;
  }
  const last = discovery.watch("web");
  await last.next();
  const ended = last.next();
  await discovery.close();
  expect(await ended).toEqual({ value: undefined, done: true });
  expect(kinds).toEqual(["added", "added"]);
});

test("a listener that throws is told about, and the others hear all the same", async () => {
  consul.set("web", [{ id: "a" }]);
  const errors: unknown[] = [];
  const heard: string[] = [];
  const discovery = discover({ onError: (error) => errors.push(error) });
  discovery.watch("web", {}, () => {
    throw new Error("a listener's own");
  });
  discovery.watch("web", {}, ({ instance }) => heard.push(instance.id));
  await until("the event", () => heard.length === 1);
  expect(errors).toMatchObject([{ message: "a listener's own" }]);
});

test("after close every call says so, and no connection is left", async () => {
  consul.set("web", [{ id: "a" }]);
  const discovery = discover();
  await discovery.pick("web");
  await until("the watch", () => consul.asked("index=") === 1);
  await discovery.close();
  await until("no connection", () => consul.connections === 0);
  await expect(discovery.pick("web")).rejects.toMatchObject({ code: "CLOSED" });
  expect(() => discovery.watch("web")).toThrow("This discovery is closed");
});

test("a process that closes its client ends, whatever was under way", async () => {
  consul.set("web", [{ id: "a" }]);
  const script = `
    const { createDiscovery } = await import(${JSON.stringify(join(import.meta.dirname, "../src/index.ts"))});
    const discovery = createDiscovery({ port: ${port}, snapshot: ${JSON.stringify(join(folder, "s.json"))} });
    discovery.watch("other", {}, () => {});
    discovery.watch("web");
    const { id } = await discovery.pick("web");
    await discovery.close();
    console.log(id);
  `;
  const file = join(folder, "app.mjs");
  writeFileSync(file, script);
  const { promisify } = await import("node:util");
  const { execFile } = await import("node:child_process");
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", file], {
    cwd: join(import.meta.dirname, "../.."),
    timeout: 20_000,
  });
  expect(stdout).toBe("a\n");
});

test("metrics: picks, hits, age, watches, ejections and latencies, in prom-client's words", async () => {
  const metrics = new Map<string, Map<string, number>>();
  const collectors: (() => void)[] = [];
  class Metric {
    readonly values = new Map<string, number>();
    constructor({ name, collect }: { readonly name: string; readonly collect?: () => void }) {
      metrics.set(name, this.values);
      if (collect !== undefined) collectors.push(collect);
    }
    reset(): void {
      this.values.clear();
    }
    inc(labels: Record<string, string>, value = 1): void {
      const key = Object.values(labels).join(" ");
      this.values.set(key, (this.values.get(key) ?? 0) + value);
    }
    set(labels: Record<string, string>, value: number): void {
      this.values.set(Object.values(labels).join(" "), value);
    }
    observe(labels: Record<string, string>, value: number): void {
      this.inc(labels, value);
    }
  }
  const client: PromClient<never> = { Counter: Metric, Gauge: Metric, Histogram: Metric };
  consul.set("web", [{ id: "a" }, { id: "b" }, { id: "c" }]);
  const discovery = discover({ metrics: promMetrics(client), strategy: "round-robin" });
  const pool = await discovery.pool("web");
  for (let call = 0; call < 30; call++) {
    const lease = pool.acquire();
    lease.release({ ok: lease.instance.id !== "a", latencyMs: 20 });
  }
  for (const collect of collectors) collect();
  const value = (name: string, labels = "web") => metrics.get(`discovery_${name}`)?.get(labels);
  expect(value("picks_total")).toBe(30);
  expect(value("ejections_total")).toBe(1);
  expect(value("ejected_instances")).toBe(1);
  expect(value("available_instances")).toBe(2);
  expect(value("instances")).toBe(3);
  expect(value("watches", "")).toBe(1);
  expect(value("cache_requests_total", "miss")).toBe(1);
  expect(value("age_seconds")).toBeLessThan(10);
  expect(value("call_seconds", "web false")).toBeCloseTo(0.1);
});

test("own metrics are told of outcomes and ejections", async () => {
  consul.set("web", [{ id: "a" }, { id: "b" }]);
  const told: string[] = [];
  let read: (() => Stats) | undefined;
  const metrics: Metrics = {
    start: (stats) => {
      read = stats;
    },
    outcome: (_, ok, latencyMs) => told.push(`${ok} ${latencyMs}`),
    ejected: ({ id }) => told.push(`ejected ${id}`),
  };
  const discovery = discover({ metrics });
  for (let call = 0; call < 5; call++) {
    const lease = await discovery.acquire("web", { strategy: "consistent-hash", key: "same" });
    lease.release({ ok: false, latencyMs: 1 });
  }
  expect(told.filter((each) => each.startsWith("ejected"))).toHaveLength(1);
  expect(told.filter((each) => each === "false 1")).toHaveLength(5);
  expect(read?.().services.get("web")?.picks).toBe(5);
});
