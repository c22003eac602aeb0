/**
 * @needs platform
 * @areas lib/consul/agents/consul-server.ts lib/consul/scripts
 * @seconds 100
 */
import { AIMS } from "../../bench/aims.js";
import { untilAllPass } from "./support/cluster.js";
import { docker, measured, nameOf, rollcall, token, until } from "./support/platform.js";
import { call, poll, Repeater, told } from "./support/poll.js";
import { underLoad } from "./support/under-load.js";

const SERVERS = ["consul-server-1", "consul-server-2", "consul-server-3"].map((name) => () => nameOf(name));
const ANONYMOUS = "00000000-0000-0000-0000-000000000002";

afterEach(() => Repeater.stopAll());

/** The policies of whoever sends no token. */
async function granted(management: string): Promise<readonly string[]> {
  const found = JSON.parse(await call(`/v1/acl/token/${ANONYMOUS}`, { token: management })) as {
    readonly Policies?: readonly { readonly Name: string }[];
  };
  return (found.Policies ?? []).map(({ Name }) => Name);
}

test.each([1, 2])(
  "round %i: all servers stopped and started under readers without a token: whoever has none reads as before",
  async () => {
    const management = await token("management");
    await until("each server has a snapshot of its own", 90, async () => {
      const folders = SERVERS.map((name) => docker("exec", name(), "ls", "/consul/data/raft/snapshots"));
      return (await Promise.all(folders)).every((text) => text.trim() !== "");
    });
    const readers = poll("/v1/health/service/billing_service?stale", { perSecond: 200, atOnce: 60 });
    const during = "all servers stopped and started";
    const aim = AIMS.serversRestarted.seconds;
    // What is stopped answers nobody: that time is in the gaps.
    const traffic = { token: management, keys: "e2e-restart/", aim: aim.shown, isStale: true };
    let allShownMs = 0;
    await underLoad(during, traffic, async () => {
      await docker("stop", "--time", "5", ...SERVERS.map((name) => name()));
      // In turn, so that it is not the first one each time that becomes the leader.
      SERVERS.push(...SERVERS.splice(0, 1));
      for (const name of SERVERS) await docker("start", name());
      await until("there is a leader", aim.leader, async () => (await call("/v1/status/leader")).includes(":8300"));
      await untilAllPass(aim.shown);
      allShownMs = Date.now();
      await until(
        "300 reads since",
        5,
        async () => readers.attempts.filter(({ begunMs }) => begunMs > allShownMs).length > 300,
      );
    });
    const reads = await readers.stop();
    told(`all 200 reads a second, ${during}`, reads, "the time without a server");
    const answers = reads.filter(({ problem }) => problem === "");
    const empty = answers.filter(({ value }) => value?.trim() === "[]");
    measured(`answers without the service, of ${answers.length}`, empty.length, 0, "reads");
    // Whoever lost the right to read gets 403, or a list from which everything was taken.
    expect({ empty: empty.length, refused: reads.filter(({ problem }) => / 403 /.test(problem)).length }).toEqual({
      empty: 0,
      refused: 0,
    });
    expect(reads.filter(({ begunMs, problem }) => begunMs > allShownMs && problem !== "")).toEqual([]);
    expect(await granted(management)).toEqual(["rollcall-anonymous"]);
  },
);

test("up finds nothing to mend afterwards", async () => {
  expect(await rollcall("up")).toMatchObject({ code: 0, stdout: expect.stringContaining("Nothing changed") });
});
