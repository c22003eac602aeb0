import type { ClusterHealth } from "../../../../../ops/consul/api/operator.js";
import { missing } from "../../../../../ops/platform/servers/whole.js";

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
