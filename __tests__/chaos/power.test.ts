/**
 * @needs platform
 * @areas lib/docker/hardened-container.ts lib/consul/scripts lib/consul/registrar
 * @seconds 90
 * @command test:all
 */
import { AIMS } from "../../bench/aims.js";
import { containers } from "../e2e/support/clone.js";
import { Cluster, SERVERS, untilAllPass } from "../e2e/support/cluster.js";
import { crash, docker, inTime, platform, rollcall, token, until } from "../e2e/support/platform.js";
import { call, Repeater } from "../e2e/support/poll.js";
import { underLoad } from "../e2e/support/under-load.js";

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
    expect(all).toHaveLength(47);
    const aim = AIMS.powerCut.seconds;
    await underLoad("the power cut", { token: management, keys: KEYS, aim: aim.clients }, async () => {
      const cutMs = Date.now();
      await crash(...all);
      await until("a leader again", aim.leader, async () => {
        const leader = (await call("/v1/status/leader")).trim();
        return leader !== "" && leader !== '""';
      });
      await until("writes again", 10, async () => {
        const put = { method: "PUT", token: management, body: "1" } as const;
        return (await call(`/v1/kv/${KEYS}again`, put)).trim() === "true";
      });
      // Every check has run again: the slowest runs every 30 s.
      await untilAllPass(aim.shown);
      inTime("all 40 pass, after the cut", (Date.now() - cutMs) / 1000, aim.shown);
      await cluster.untilWhole(`${SERVERS.length} healthy peers again`, 30);
      await until("every container runs again", 10, async () => (await running()).length === all.length);
    });
  });

  test("there is nothing left to do for a person", async () => {
    expect(await rollcall("verify")).toMatchObject({ code: 0 });
    const { code, stdout } = await rollcall("up");
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("Nothing changed") });
  });
});
