/**
 * @needs platform
 * @areas discovery
 * @seconds 100
 */
import { createDiscovery } from "../../discovery/src/create-discovery.js";
import type { Discovery } from "../../discovery/src/discovery.js";
import { untilAllPass } from "./support/cluster.js";
import { FaultProxy, type ProxyFault } from "./support/fault-proxy.js";
import { Picking } from "./support/picking.js";
import { apiJson, docker, measured, nameOf, platform, token, until } from "./support/platform.js";
import { restoreSnapshot, snapshotOf } from "./support/snapshot.js";

let proxy: FaultProxy;
let management = "";
const open = new Set<Discovery>();

/** A client whose waits are short, so that each fault is met within seconds. */
function client(port: number): Discovery {
  const waits = { timeoutMs: 1000, waitMs: 2000, backoffMs: [100, 1000] } as const;
  const made = createDiscovery({ env: {}, host: "127.0.0.1", port, ...waits });
  open.add(made);
  return made;
}

const isPassing = async (service: string) =>
  (await apiJson<readonly unknown[]>(`/v1/health/service/${service}?passing`)).length > 0;

/** Stops a service and starts it again: the client must see both, or it follows no more. */
async function expectToFollow(discovery: Discovery, afterStop: () => void = () => {}): Promise<void> {
  const health = async () =>
    (await discovery.instances("billing_service")).instances.map(({ health }) => health).join();
  await docker("stop", "--time", "1", nameOf("isa-billing"));
  try {
    await until("Consul knows that it is critical", 15, async () => !(await isPassing("billing_service")));
    afterStop();
    await until("the client knows as well", 2, async () => (await health()) === "critical");
  } finally {
    await docker("start", nameOf("isa-billing"));
  }
  await until("Consul knows that it passes", 15, () => isPassing("billing_service"));
  await until("the client knows as well", 2, async () => (await health()) === "passing");
}

beforeAll(async () => {
  management = await token("management");
  proxy = await FaultProxy.start();
});
afterAll(async () => {
  await Promise.all([...open].map((each) => each.close()));
  await proxy.stop();
  await untilAllPass(60);
});

describe("between the client and Consul", () => {
  test.each<ProxyFault>(["429", "500", "torn", "dead", "garbage", "reset"])(
    "%s for a while: no failed pick, the error is told, and the client comes up to date",
    async (fault) => {
      const discovery = client(proxy.port);
      await until("a client begins", 2, () => discovery.pick("billing_service"));
      const picking = new Picking(discovery, "billing_service");
      const view = () => discovery.instances("billing_service");
      proxy.begin(fault);
      try {
        await until(`${fault} is told`, 5, async () => (await view()).error instanceof Error);
        await until("the age grows", 3, async () => (await view()).ageMs > 1500);
      } finally {
        proxy.end();
      }
      await until(`up to date after ${fault}`, 2, async () => {
        const { error, ageMs } = await view();
        return error === undefined && ageMs < 1500;
      });
      const { picks, failed } = await picking.stop();
      measured(`picks while there was ${fault}`, picks, "all", "picks");
      expect(failed).toEqual([]);
      await discovery.close();
    },
  );

  test("a change that came during the faults is seen after them, and the next one as it comes", async () => {
    const discovery = client(proxy.port);
    await until("a client begins", 2, () => discovery.pick("billing_service"));
    proxy.begin("dead");
    await expectToFollow(discovery, () => proxy.end());
  });
});

test("a snapshot restored, so that Consul's index goes backwards: no failed pick, and what comes afterwards is seen", async () => {
  const discovery = client(platform().httpPort);
  // It asks any server, and a follower may be a moment behind the one that was asked before.
  await until("a client begins", 2, () => discovery.pick("billing_service"));
  const index = () => indexOf("/v1/health/service/billing_service");
  // Through a follower Consul breaks off every other short snapshot.
  const snapshot = await until("a snapshot is taken", 5, () => snapshotOf(management));
  // What is written after the snapshot carries the index beyond it.
  await expectToFollow(discovery);
  const before = await index();
  const picking = new Picking(discovery, "billing_service");
  await restoreSnapshot(management, snapshot);
  await until("the index is lower", 5, async () => (await index()) < before);
  await until("the client is up to date", 5, async () => {
    const { error, ageMs } = await discovery.instances("billing_service");
    return error === undefined && ageMs < 3000;
  });
  const { picks, failed } = await picking.stop();
  measured("picks while a snapshot was restored", picks, "all", "picks");
  expect(failed).toEqual([]);
  await expectToFollow(discovery);
});

async function indexOf(path: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${platform().httpPort}${path}`);
  return Number(answer.headers.get("x-consul-index"));
}
