import { UserError } from "../../lib/user-error";
import type { Found } from "../../ops/docker-host";
import { goingServers, refuseOtherNumber, refuseUnmeant } from "../../ops/servers/going";
import type { ClusterHealth } from "../../ops/servers/operator";
import { nextOf, sorted, type Touch, type Turn } from "../../ops/servers/roll";
import type { ServerContainer } from "../../ops/servers/server-containers";
import { missing } from "../../ops/servers/whole";

type Condition = ServerContainer["condition"];

function turn(number: number, touch: Touch, condition?: Condition): Turn {
  const name = `consul-server-${number}`;
  const container = { number, id: "", name, node: name, restarts: 0 };
  return {
    stack: {
      name: `server-${number}`,
      folder: "",
      dependencies: [],
      names: { container: [], network: [], volume: [] },
      places: [],
    },
    touch,
    container: condition === undefined ? undefined : { ...container, condition },
  };
}

const names = (turns: readonly Turn[]) => turns.map(({ stack }) => stack.name);

describe("a roll", () => {
  test("begins with what is missing, ill or down, and leaves what does not change", () => {
    const turns = [
      turn(1, "server", "healthy"),
      turn(2, "server", "sick"),
      turn(3, "nothing", "healthy"),
      turn(4, "server"),
      turn(5, "server", "down"),
    ];
    const { still, first, running } = sorted(turns);
    expect([names(still), names(first), names(running)]).toEqual([
      ["server-3"],
      ["server-2", "server-4", "server-5"],
      ["server-1"],
    ]);
  });

  test("waits for no quorum where a server runs on and something beside it changes", () => {
    expect(names(sorted([turn(1, "beside", "healthy")]).first)).toEqual(["server-1"]);
  });

  test("takes the leader last", () => {
    const waiting = [turn(1, "server", "healthy"), turn(2, "server", "healthy")];
    expect(nextOf(waiting, "consul-server-1")?.stack.name).toBe("server-2");
    expect(nextOf(waiting, "consul-server-3")?.stack.name).toBe("server-1");
    expect(nextOf(waiting.slice(0, 1), "consul-server-1")?.stack.name).toBe("server-1");
  });
});

describe("a server may be taken away", () => {
  const nodes = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ node: `consul-server-${index + 1}` }));
  const health = (count: number, failureTolerance: number, changes = {}): ClusterHealth => ({
    isHealthy: true,
    failureTolerance,
    servers: nodes(count).map(({ node }, index) => ({
      ...{ id: node, name: node, isHealthy: true, isVoter: true, isLeader: index === 0 },
      ...(index === count - 1 ? changes : {}),
    })),
  });

  test.each([
    [1, 0],
    [3, 1],
    [5, 2],
  ])("of %i where %i may fail", (count, tolerance) => {
    expect(missing(health(count, tolerance), nodes(count))).toBe("");
  });

  test("of five of which one is stopped already and still a peer, with one that may fail", () => {
    expect(missing(health(5, 1), nodes(4))).toBe("");
  });

  test.each([
    ["one is unhealthy", health(3, 1, { isHealthy: false }), "autopilot finds consul-server-3 unhealthy"],
    ["one does not vote yet", health(3, 1, { isVoter: false }), "consul-server-3 does not vote yet"],
    ["one is not known", health(2, 1), "autopilot does not know consul-server-3"],
    ["none may fail", health(3, 0), "0 servers may fail, not 1"],
  ])("not where %s", (_, seen, why) => {
    expect(missing(seen, nodes(3))).toBe(why);
  });
});

describe("the servers that go", () => {
  const found = (stack: string, instance = "ours"): Found => ({
    ...{ kind: "volume", id: "", name: "", state: "" },
    ...{ stack, instance },
  });

  test("are those beyond the setting that Docker or the state has, the last one first", () => {
    const there = [
      found("server-3"),
      found("server-4"),
      found("server-4"),
      found("server-5", "theirs"),
      found("gateway"),
    ];
    expect(goingServers({ servers: 3, instance: "ours" }, there, ["server-5", "foundation"])).toEqual([5, 4]);
    expect(goingServers({ servers: 5, instance: "ours" }, there, ["server-5"])).toEqual([]);
  });

  test("go by an up that is told their number, and not by one that is told none", () => {
    expect(() => refuseUnmeant({ servers: 3, serversSet: false }, [5, 4])).toThrow(
      "ROLLCALL_SERVERS is not set, which means 3: consul-server-4 and consul-server-5 would go",
    );
    expect(() => refuseUnmeant({ servers: 3, serversSet: true }, [5, 4])).not.toThrow();
    expect(() => refuseUnmeant({ servers: 3, serversSet: false }, [])).not.toThrow();
  });

  test("are never all but one", () => {
    expect(() => refuseUnmeant({ servers: 1, serversSet: true }, [3, 2])).toThrow(/one alone bears no failure/);
  });

  test("do not go by an exchange or a restore, which tell a number that is taken", () => {
    const refusal = (going: readonly number[]) => {
      try {
        refuseOtherNumber({ servers: 3, serversSet: true }, going);
        return "";
      } catch (error) {
        return error instanceof UserError ? `${error.message}; ${error.remedy}` : String(error);
      }
    };
    expect(refusal([])).toBe("");
    expect(refusal([5, 4])).toMatch(/is 3, but consul-server-4 and consul-server-5 were applied too; Set it to 5,/);
    expect(refusal([4])).toMatch(/consul-server-4 was applied too; Set it to 5,/);
  });
});
