import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Settings } from "../../../../../lib/settings.js";
import type { ConsulApi } from "../../../../../ops/consul/api/consul-api.js";
import type { ClusterHealth } from "../../../../../ops/consul/api/operator.js";
import { handOver } from "../../../../../ops/platform/servers/hand-over.js";

/** Server 1 leads until a transfer to one of those that take over is asked for. */
function cluster(...takers: readonly string[]) {
  let leader = "a";
  const asked: string[] = [];
  const operator = {
    peers: async () => ["a", "b", "c"].map((name) => ({ name, isLeader: name === leader })),
    transferLeadership: async (id: string) => {
      asked.push(id);
      if (takers.includes(id)) leader = id;
    },
  };
  const servers = ["a", "b", "c"].map((name) => ({ id: name, name, isVoter: true, isHealthy: true }));
  return { asked, consul: { operator } as unknown as ConsulApi, health: { servers } as unknown as ClusterHealth };
}

/** A `docker` that holds the gateway's file for as long as its input is open. */
let folder: string;
const path = process.env.PATH;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-hand-over-"));
  writeFileSync(join(folder, "docker"), "#!/bin/sh\necho there\ncat\n", { mode: 0o755 });
  process.env.PATH = `${folder}:${path}`;
});
afterAll(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

const settings = { prefix: "" } as Settings;

test("where one server does not take over, the next one is asked, and who leads then is said", async () => {
  const { asked, ...rest } = cluster("c");
  const said: string[] = [];
  await handOver({ ...rest, settings, node: "a", to: ["b", "c"], report: (line) => said.push(line) });
  expect(asked).toEqual(["b", "c"]);
  expect(said).toEqual(["c leads now, instead of a"]);
});

test("where nobody may take over, nobody is asked, and the leader stays", async () => {
  const { asked, ...rest } = cluster("b", "c");
  const report = jest.fn();
  await expect(handOver({ ...rest, settings, node: "a", to: [], report })).rejects.toThrow(
    "a leads and no other server",
  );
  expect(asked).toEqual([]);
  expect(report).not.toHaveBeenCalled();
});
