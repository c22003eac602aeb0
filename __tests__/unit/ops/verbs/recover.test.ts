import { planRecovery, renderPeers } from "../../../../ops/verbs/recover/plan-recovery.js";
import type { ServerOnHost } from "../../../../ops/verbs/recover/servers.js";

/** Servers of which those with an id have their data. */
function servers(...nodeIds: readonly (string | undefined)[]): readonly ServerOnHost[] {
  return nodeIds.map((nodeId, index) => ({
    container: `consul-server-${index + 1}`,
    volume: `consul-server-${index + 1}-data`,
    address: `172.30.241.${11 + index}`,
    state: nodeId === undefined ? "" : "running",
    nodeId,
  }));
}

test("while there is a leader, recover refuses", () => {
  expect(() => planRecovery(servers("a", undefined, undefined), "172.30.241.11:8300")).toThrow(
    "the servers have a leader (172.30.241.11:8300)",
  );
});

test.each([
  ["two of three", servers("a", "b", undefined)],
  ["all of three", servers("a", "b", "c")],
  ["three of five", servers("a", undefined, "c", undefined, "e")],
  ["the only one", servers("a")],
])("while %s have their data, recover refuses and names what to do", (_, all) => {
  expect(() => planRecovery(all, "")).toThrow("have their data, which is a quorum as soon as they run");
});

test("where no server has data, recover sends to restore", () => {
  expect(() => planRecovery(servers(undefined, undefined, undefined), "")).toThrow("nothing to recover");
});

test.each([
  ["one of three", servers(undefined, "b", undefined), ["consul-server-2"]],
  ["two of five", servers("a", undefined, undefined, "d", undefined), ["consul-server-1", "consul-server-4"]],
])("%s goes on alone, and the others count as lost", (_, all, kept) => {
  const recovery = planRecovery(all, "");
  expect(recovery.kept.map(({ container }) => container)).toEqual(kept);
  expect(recovery.lost).toHaveLength(all.length - kept.length);
});

test("peers.json has id, address and vote of each kept server, as Raft protocol 3 reads it", () => {
  expect(JSON.parse(renderPeers(servers("a", "b")))).toEqual([
    { id: "a", address: "172.30.241.11:8300", non_voter: false },
    { id: "b", address: "172.30.241.12:8300", non_voter: false },
  ]);
});
