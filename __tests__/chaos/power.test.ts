import { containers } from "../e2e/support/clone";
import { Cluster, SERVERS, untilAllPass } from "../e2e/support/cluster";
import { crash, docker, npm, platform, token, until } from "../e2e/support/platform";
import { call, poll, Repeater, told } from "../e2e/support/poll";
import { kept, Writer } from "../e2e/support/writer";

/** Keys of this file's own. */
const KEYS = "chaos-power/";

let management = "";
let cluster: Cluster;

beforeAll(async () => {
  management = await token("management");
  cluster = new Cluster(management);
  await untilAllPass(60);
});

afterEach(() => Repeater.stopAll());

/** The platform's running containers, without its prefix. */
async function running(): Promise<readonly string[]> {
  const names = Object.keys(await containers());
  const up = (await docker("ps", "--format", "{{.Names}}")).split("\n");
  return names.filter((name) => up.includes(name)).map((name) => name.slice(platform().prefix.length));
}

describe("the host's power is cut: the processes of all containers are killed at once", () => {
  test("all comes back by itself, and nothing that was acknowledged is lost", async () => {
    const all = await running();
    expect(all).toHaveLength(46);
    const writer = new Writer(management, KEYS);
    const health = poll("/v1/health/service/billing_service?passing");
    await until(
      "writes before the cut",
      5,
      async () => (await call(`/v1/kv/${KEYS}?keys`, { token: management })) !== "[]",
    );

    await crash(...all);
    await until("a leader again", 20, async () => {
      const leader = (await call("/v1/status/leader")).trim();
      return leader !== "" && leader !== '""';
    });
    await until("writes again", 10, async () => {
      const put = { method: "PUT", token: management, body: "1" } as const;
      return (await call(`/v1/kv/${KEYS}again`, put)).trim() === "true";
    });
    // Every check has run again: the slowest runs every 30 s.
    await untilAllPass(45);
    await cluster.untilWhole(`${SERVERS.length} healthy peers again`, 30);
    await until("every container runs again", 10, async () => (await running()).length === all.length);

    told("health reads, the power cut", await health.stop(), 30);
    await kept(writer, "the power cut", 30);
  });

  test("there is nothing left to do for a person", async () => {
    expect(await npm("verify")).toMatchObject({ code: 0 });
    const { code, stdout } = await npm("up");
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("Nothing changed") });
  });
});
