import { UserError } from "../../../../../lib/user-error.js";
import type { DockerObject } from "../../../../../ops/docker/docker-host.js";
import { refuseOtherNumber, refuseUnmeant, surplusServers } from "../../../../../ops/platform/servers/surplus.js";

describe("the servers that go", () => {
  const found = (stack: string, instance = "ours"): DockerObject => ({
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
    expect(surplusServers({ servers: 3, instance: "ours" }, there, ["server-5", "foundation"])).toEqual([5, 4]);
    expect(surplusServers({ servers: 5, instance: "ours" }, there, ["server-5"])).toEqual([]);
  });

  test("go by an up that is told their number, and not by one that is told none", () => {
    expect(() => refuseUnmeant({ servers: 3, serversSet: false }, [5, 4])).toThrow(
      "ROLLCALL_SERVERS is not set, which means 3: consul-server-4 and consul-server-5 would go",
    );
    expect(() => refuseUnmeant({ servers: 3, serversSet: true }, [5, 4])).not.toThrow();
    expect(() => refuseUnmeant({ servers: 3, serversSet: false }, [])).not.toThrow();
  });

  test("are never all but one", () => {
    expect(() => refuseUnmeant({ servers: 1, serversSet: true }, [3, 2])).toThrow(
      /a single server cannot survive a failure/,
    );
  });

  test("do not go by an exchange or a restore, which tell a number that is taken", () => {
    const refusal = (surplus: readonly number[]) => {
      try {
        refuseOtherNumber({ servers: 3, serversSet: true }, surplus);
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
