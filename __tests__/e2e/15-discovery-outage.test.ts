/**
 * @needs platform
 * @areas discovery
 * @seconds 150
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createDiscovery } from "../../discovery/src/create-discovery.js";
import type { Discovery } from "../../discovery/src/discovery.js";
import type { DiscoveryOptions } from "../../discovery/src/options.js";
import { SERVERS, untilAllPass } from "./support/cluster.js";
import { Picking } from "./support/picking.js";
import { apiJson, crash, docker, measured, nameOf, platform, token, until } from "./support/platform.js";
import { call } from "./support/poll.js";

const folder = mkdtempSync(join(tmpdir(), "rollcall-discovery-"));
const open = new Set<Discovery>();
let management = "";

/** A client as a program on the host has it: by the gateway. */
function client(options: DiscoveryOptions = {}): Discovery {
  const made = createDiscovery({ env: {}, host: "127.0.0.1", port: platform().httpPort, ...options });
  open.add(made);
  return made;
}

beforeAll(async () => {
  management = await token("management");
});

afterAll(async () => {
  await Promise.all([...open].map((each) => each.close()));
  rmSync(folder, { recursive: true });
  await untilAllPass(60);
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
