import type { Change } from "../../../../lib/catalog/changes.js";
import { refuse } from "../../../../ops/platform/refuse-dangers.js";
import { dangersOf, type PlannedChange, removalDangers } from "../../../../ops/report/diff/dangers.js";
import { unmeantRemovals } from "../../../../ops/report/diff/removals.js";
import type { Danger } from "../../../../ops/report/diff/report.js";

const removed = (service: string, team: string): Change => ({ service, team, kind: "removed", words: [] });
const teams = (...names: readonly string[]) => ({ teams: names.map((name) => ({ name, file: "", services: [] })) });
const record = (settings: Readonly<Record<string, string>> = {}) => ({ settings, containers: [] });

describe("the removal of services", () => {
  const one = [removed("billing_service", "users")];

  test("is ordinary where the service was taken out of its team's file, or the team never was", () => {
    expect(unmeantRemovals(one, teams("users", "infra"), "service-catalog", record())).toEqual([]);
    const added: Change = { ...removed("new_service", "new"), kind: "added" };
    expect(unmeantRemovals([added], teams("users"), "/elsewhere", record())).toEqual([]);
  });

  test("may be unmeant where no file declares the team any more: its services are named", () => {
    const gone = [...one, removed("auth_service", "users"), removed("mcp", "ai")];
    expect(unmeantRemovals(gone, teams("ai"), "service-catalog", record())).toEqual([
      "no file declares the team users any more: billing_service, auth_service",
    ]);
  });

  test.each([
    ["to another folder than the recorded one", { ROLLCALL_CATALOG: "/srv/catalog" }, "/srv/other", "/srv/catalog"],
    ["from the default folder", {}, "/srv/other", "service-catalog"],
    ["to the default folder", { ROLLCALL_CATALOG: "/srv/catalog" }, "service-catalog", "/srv/catalog"],
  ])("may be unmeant where the catalog went %s", (_, settings, folder, before) => {
    expect(unmeantRemovals(one, teams("users"), folder, record(settings))).toEqual([
      `the catalog folder was ${before} and is ${folder}, which does not declare billing_service`,
    ]);
  });

  test("is ordinary where the folder is the same, written otherwise, or nothing is recorded", () => {
    const same = record({ ROLLCALL_CATALOG: "/srv/catalog" });
    expect(unmeantRemovals(one, teams("users"), "/srv/./catalog/", same)).toEqual([]);
    expect(unmeantRemovals(one, teams("users"), "/srv/catalog", undefined)).toEqual([]);
  });

  test("of many services names five and counts the rest", () => {
    const many = Array.from({ length: 40 }, (_, n) => removed(`s${n}`, "users"));
    expect(unmeantRemovals(many, teams(), "service-catalog", record())).toEqual([
      "no file declares the team users any more: s0, s1, s2, s3, s4 and 35 more",
    ]);
  });

  test("is let pass by ROLLCALL_ALLOW=removed-service", () => {
    const allowedBy = (...words: readonly string[]) =>
      removalDangers(["x"], new Set(words)).map((each) => each.isAllowed);
    expect([allowedBy(), allowedBy("ca"), allowedBy("removed-service")]).toEqual([[false], [false], [true]]);
  });
});

const change = (type: string, name: string, action: PlannedChange["action"], stack = "foundation"): PlannedChange => ({
  ...{ stack, type, name, action },
});

/** What `up` says of these changes under these settings; "" where it goes on. */
function saidOf(changes: readonly PlannedChange[], allow: readonly string[] = [], protect = true): string {
  try {
    refuse(dangersOf(changes, [], new Set(allow)), { allow, protect });
    return "";
  } catch (error) {
    const { message, remedy } = error as { message: string; remedy: string };
    return `${message}\n${remedy}`;
  }
}

describe.each([
  ["ca", [change("tls_self_signed_cert", "tls_self_signed_cert.ca", "replace")]],
  ["gossip-key", [change("random_bytes", "random_bytes.gossip-key", "replace")]],
  [
    "servers-together",
    [1, 2].map((number) => change("docker_container", `consul-server-${number}`, "replace", "server-1")),
  ],
] as const)("an up that would do %s", (id, changes) => {
  test("is refused, with the word that lets it pass", () => {
    expect(saidOf(changes)).toContain(`  ${id}: `);
    expect(saidOf(changes)).toContain(`ROLLCALL_ALLOW=${id} npx rollcall up`);
    expect(saidOf(changes, ["removed-service"])).toContain(`ROLLCALL_ALLOW=removed-service,${id} npx rollcall up`);
  });

  test("goes on where ROLLCALL_ALLOW names it", () => {
    expect(saidOf(changes, [id])).toBe("");
  });
});

describe("an up that would replace a server's data volume", () => {
  const changes = [change("docker_volume", "consul-server-1-data", "replace", "server-1")];

  test("needs ROLLCALL_ALLOW=server-data, and Terraform's leave by ROLLCALL_PROTECT=off", () => {
    const both = "ROLLCALL_PROTECT=off ROLLCALL_ALLOW=server-data npx rollcall up";
    expect(saidOf(changes)).toContain(both);
    expect(saidOf(changes, ["server-data"])).toContain(both);
    expect(saidOf(changes, [], false)).toContain("mean it: ROLLCALL_ALLOW=server-data npx rollcall up");
    expect(saidOf(changes, ["server-data"], false)).toBe("");
  });
});

test("an up that makes what is missing, or rolls one server a stack, is no danger", () => {
  const changes = [
    change("tls_self_signed_cert", "tls_self_signed_cert.next", "create"),
    change("docker_volume", "consul-server-2-data", "create", "server-2"),
    ...[1, 2, 3].map((number) => change("docker_container", `consul-server-${number}`, "replace", `server-${number}`)),
  ];
  expect(saidOf(changes)).toBe("");
});

test("every danger is told at once", () => {
  const dangers: readonly Danger[] = ["ca", "gossip-key"].map((id) => ({ id, what: "x", isAllowed: false }));
  expect(() => refuse(dangers, { allow: [], protect: true })).toThrow(/ca: x\n {2}gossip-key: x/);
});
