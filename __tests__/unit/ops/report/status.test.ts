import { judgeCertificates } from "../../../../ops/consul/certificates.js";
import type { ContainerState } from "../../../../ops/docker/containers.js";
import type { DockerObject } from "../../../../ops/docker/docker-host.js";
import { lastBackup } from "../../../../ops/platform/backup/last-backup.js";
import { monitorViewOf } from "../../../../ops/platform/monitor-view.js";
import { partsOf } from "../../../../ops/platform/parts.js";
import { isWell } from "../../../../ops/report/problem.js";
import { judgeStatus } from "../../../../ops/report/status/judge.js";
import { renderStatus } from "../../../../ops/report/status/render.js";
import type { PartStatus, Status } from "../../../../ops/report/status/status.js";

const settings = {
  ...{ datacenter: "dc1", servers: 3, controlSubnet: "172.28.10.0/24", coexist: false, prefix: "st-" },
  backupEverySeconds: undefined,
  monitor: false,
  monitoring: false,
  instance: "status-8420",
};
const running: ContainerState = {
  ...{ name: "", id: "a1", image: "sha256:1", state: "running", health: "healthy", said: "", startedAt: "" },
  ...{ exitCode: 0, oomKilled: false, restarts: 0 },
};
const parts: readonly PartStatus[] = partsOf(settings, [], []).map((part) => ({
  ...part,
  state: { ...running, name: `st-${part.container}` },
}));
const well: Status = {
  ...{ monitor: undefined, isAlerting: false },
  ...{ platform: "status-8420", docker: "answers", parts, leader: "consul-server-2", refusals: [], states: [] },
  servers: ["server-1", "server-2", "server-3"].map((name) => ({
    ...{ name, member: "alive", lastIndex: 134, version: "1.22.5" },
    role: name === "server-2" ? "leader" : "voter",
  })),
  autopilot: { healthy: true, failureTolerance: 1 },
  gateway: "http://localhost:8500",
  catalog: { teams: [{ team: "user-platform", passing: 28, declared: 28 }], wrong: [] },
  certificates: [{ name: "agent", validUntil: "2027-11-25T00:00:00.000Z", daysLeft: 364 }],
  backup: undefined,
};
/** What is wrong; nothing is without a command or an action that is its remedy. */
const told = (status: Status) =>
  judgeStatus(status).map(({ what, remedy }) => {
    expect([what, remedy]).toEqual([
      what,
      expect.stringMatching(/`npx rollcall [a-z]+|`docker [a-z]+|^Start .*Docker|^Look again|^Give /),
    ]);
    return what;
  });
test("a damaged state is told first, also where Docker does not answer; that autopilot cannot be asked for it, is not told too", () => {
  const states = [{ what: "the state of the stack access, access.tfstate, is cut off", remedy: "`npx rollcall diff`" }];
  const [damaged = ""] = states.map(({ what }) => what);
  expect(told({ ...well, states, autopilot: { unknown: "the token operator cannot be read" } })).toEqual([damaged]);
  expect(told({ ...well, autopilot: { unknown: "403" } })).toEqual(["autopilot cannot be read: 403"]);
  expect(told({ ...well, states, docker: { unknown: "Cannot connect" } })).toEqual([
    "Docker does not answer: Cannot connect",
    damaged,
  ]);
});

/** The same platform with one part's container otherwise. */
const withPart = (name: string, state: Partial<ContainerState>): Status => ({
  ...well,
  parts: parts.map((part) => (part.name === name ? { ...part, state: { ...part.state, ...state } } : part)),
});

test("a platform of which every container has ended is stopped, and `start` starts it; with one that runs it is not", () => {
  const ended = parts.map((part) => ({ ...part, state: { ...part.state, state: "exited", health: "" } }));
  const nobody = { unknown: "no server answers" };
  const stopped = { ...well, parts: ended, leader: nobody, autopilot: nobody, gateway: nobody, catalog: nobody };
  expect(judgeStatus(stopped)).toEqual([
    {
      what: "the platform is stopped: its containers are here, and none of them runs",
      remedy: "`npx rollcall start` starts them.",
    },
  ]);
  const [first, ...others] = ended;
  const oneRuns = first === undefined ? [] : [{ ...first, state: running }, ...others];
  expect(told({ ...stopped, parts: oneRuns }).join("\n")).not.toContain("the platform is stopped");
});

test("the parts are those that are asked for, by the names that an operator calls them", () => {
  const names = ["server-1", "server-2", "server-3", "agent", "registrar", "gateway"];
  expect(partsOf(settings, [], []).map(({ name }) => name)).toEqual(names);
  expect(partsOf({ ...settings, coexist: true }, [], []).at(-1)).toMatchObject({ container: "consul-legacy" });
  expect(partsOf({ ...settings, monitor: true }, [], []).at(-1)).toMatchObject({ name: "monitor", isDeclared: true });
  expect(partsOf({ ...settings, monitoring: true }, [], []).slice(6)).toMatchObject(
    ["prometheus", "alertmanager", "blackbox"].map((name) => ({ name, isDeclared: true })),
  );
  expect(partsOf({ ...settings, backupEverySeconds: 3600 }, [], []).at(-1)).toEqual({
    ...{ name: "backup", container: "consul-backup", isServer: false, isDeclared: true },
  });
});

test("what is there unasked is a part too, but no carrier, no stand-in and nothing of another platform", () => {
  const found = (name: string, more: Partial<DockerObject> = {}): DockerObject => ({
    ...{ kind: "container", id: name, name, instance: settings.instance, stack: "server-4", state: "running" },
    ...more,
  });
  const host = [
    found("st-consul-server-4"),
    found("st-consul-server-4-config", { state: "created" }),
    found("st-isa-billing", { stack: "workloads" }),
    found("consul-server-5", { instance: "another" }),
  ];
  expect(partsOf(settings, [], host).filter(({ isDeclared }) => !isDeclared)).toEqual([
    { name: "server-4", container: "consul-server-4", isServer: true, isDeclared: false },
  ]);
});

test("a platform on which all is well has no trouble and says so", () => {
  expect(judgeStatus(well)).toEqual([]);
  const text = renderStatus(well, []);
  expect(text).toContain("leader server-2, autopilot healthy, 1 more may fail");
  expect(text).toMatch(/server-1 +running, healthy +alive +voter +log 134 +1\.22\.5/);
  expect(text).toContain("user-platform  28 of 28 pass");
  expect(text).toMatch(/All is well\.$/);
});

test("a server that does not run is told once, and that no further one may fail", () => {
  const status = withPart("server-3", { state: "exited", health: "", exitCode: 137, oomKilled: true });
  const seen = { ...status, autopilot: { healthy: false, failureTolerance: 0 } };
  expect(told(seen)).toEqual([
    "no further server may fail",
    "server-3 does not run: exited, exit code 137, killed for lack of memory",
  ]);
});

test.each([
  [{ state: "missing" }, "agent is missing: there is no container st-consul-agent-shared"],
  [{ state: "paused" }, "agent is paused"],
  [{ health: "starting" }, "agent has just started, and is not healthy yet"],
  [{ health: "unhealthy", said: "no leader is known" }, "agent is unhealthy: no leader is known"],
])("a part that is %j is told", (state, what) => {
  expect(told(withPart("agent", state))).toEqual([what]);
});

test("without a leader it says how many servers run and how many must", () => {
  const leaderless = { ...well, leader: { unknown: "Consul has no leader" }, autopilot: { unknown: "no leader" } };
  expect(told(leaderless)).toEqual(["Consul has no leader: 3 of 3 servers run, 2 must"]);
});

test("without Docker that alone is told, and nothing else pretended", () => {
  const unknown = { unknown: "Docker does not answer" };
  const status = { ...well, docker: { unknown: "Cannot connect" }, parts: [], servers: [], leader: unknown };
  expect(told(status)).toEqual(["Docker does not answer: Cannot connect"]);
  expect(renderStatus(status, [])).toContain("Servers       unknown: Docker does not answer");
});

test("a gateway that does not answer, a refused value and a critical service are each wrong", () => {
  expect(told({ ...well, gateway: { unknown: "it does not answer" } })).toEqual(["the gateway: it does not answer"]);
  expect(told({ ...well, refusals: [{ key: "catalog/user-platform/y", reason: "not one service" }] })).toEqual([
    "the registrar refuses catalog/user-platform/y: not one service",
  ]);
  const critical = { name: "billing_service", team: "user-platform", standing: "critical", why: "refused" } as const;
  const catalog = { teams: [], wrong: [critical] };
  expect(told({ ...well, catalog })).toEqual(["1 service does not stand as declared"]);
  expect(told({ ...well, catalog: { teams: [], wrong: [{ ...critical, standing: "warning" }] } })).toEqual([]);
});

describe("what the monitor says", () => {
  const since = Date.UTC(2026, 10, 1, 3, 12) / 1000;
  const monitor = {
    services: 40,
    notFound: [
      { service: "billing_service", since },
      { service: "ledger", since: undefined },
    ],
    alertingHeard: undefined,
  };
  const wrong = (name: string) => ({ name, team: "user-platform", standing: "critical", why: "refused" }) as const;

  test("is told as what it means: how many services cannot be found, since when, and where it says what to do", () => {
    const catalog = { teams: [], wrong: [wrong("billing_service/one"), wrong("ledger")] };
    const [problem, ...others] = judgeStatus({ ...well, monitor, catalog });
    expect(problem?.what).toBe("2 of 40 services cannot be found since 2026-11-01 03:12 UTC: billing_service, ledger");
    expect(problem?.remedy).toMatch(/docs\/runbooks\.md#servicedown .*`npx rollcall logs billing_service`/);
    expect(others).toEqual([]);
  });

  test("leaves what can be found and does not stand as declared to the catalog", () => {
    const catalog = { teams: [], wrong: [wrong("billing_service"), wrong("mail")] };
    expect(told({ ...well, monitor, catalog })).toEqual([
      expect.stringMatching(/^2 of 40 services cannot be found/),
      "1 service does not stand as declared",
    ]);
  });

  test("that nobody is told of alerts is wrong after three minutes, and only where somebody is to be told", () => {
    const heard = (secondsAgo: number) => ({ ...monitor, notFound: [], alertingHeard: Date.now() / 1000 - secondsAgo });
    expect(told({ ...well, monitor: heard(100), isAlerting: true })).toEqual([]);
    expect(told({ ...well, monitor: heard(600), isAlerting: true })).toEqual([
      "nobody is told of alerts: Alertmanager has not been heard for 10 minutes",
    ]);
    expect(told({ ...well, monitor: heard(600) })).toEqual([]);
  });

  test("is read from its metrics", () => {
    const text = [
      'rollcall_service_up{service="a",team="t"} 1',
      'rollcall_service_up{service="b",team="t"} 0',
      'rollcall_service_up{service="c",team="t"} 0',
      'rollcall_service_not_found_since_timestamp_seconds{service="b",team="t"} 200',
      'rollcall_service_not_found_since_timestamp_seconds{service="c",team="t"} 100',
      "rollcall_alerting_last_heard_timestamp_seconds 300",
    ].join("\n");
    expect(monitorViewOf(text)).toEqual({
      ...{ services: 3, alertingHeard: 300 },
      notFound: [
        { service: "c", since: 100 },
        { service: "b", since: 200 },
      ],
    });
    expect(monitorViewOf("").alertingHeard).toBeUndefined();
  });
});

test("of many refusals a few are told; keys of no team in one line, which up leaves to a person", () => {
  const refusals = (team: string, count: number) =>
    Array.from({ length: count }, (_, index) => ({ key: `catalog/${team}/s${index}`, reason: "not one service" }));
  const many = { ...well, refusals: [...refusals("user-platform", 7), ...refusals("nobody", 1524)] };
  const found = told(many);
  expect(found).toHaveLength(7);
  expect(found.slice(-2)).toEqual([
    "the registrar refuses 2 more values",
    "the registrar refuses keys of no team of the catalog: catalog/nobody/s0, catalog/nobody/s1, catalog/nobody/s2, catalog/nobody/s3, catalog/nobody/s4 and 1519 more",
  ]);
  expect(judgeStatus(many).at(-1)?.remedy).toMatch(/`npx rollcall catalog audit`/);
  const unread = { ...many, catalog: { unknown: "a mistake in its files" } };
  expect(judgeStatus(unread).filter(({ what }) => what.includes("no team"))).toEqual([]);
});

test("of many services that do not stand as declared a few are shown, and how many more there are", () => {
  const critical = { name: "billing_service", team: "user-platform", standing: "critical", why: "refused" } as const;
  const text = renderStatus({ ...well, catalog: { teams: [], wrong: Array(40).fill(critical) } }, []);
  expect(text.match(/billing_service/g)).toHaveLength(5);
  expect(text).toContain("  and 35 more: `npx rollcall verify` names them");
});

test("a platform that is not up is told in one line", () => {
  const gone = parts.map((part) => ({ ...part, state: { ...part.state, state: "missing" } }));
  const leader = { unknown: "no server answers" };
  expect(told({ ...well, parts: gone, leader })).toEqual(["the platform is not up: none of its containers is there"]);
});

test("autopilot's word counts while all servers run, and so does gossip's", () => {
  expect(told({ ...well, autopilot: { healthy: false, failureTolerance: 1 } })).toEqual([
    "autopilot finds a server unhealthy",
  ]);
  const servers = well.servers.map((server) => (server.name === "server-1" ? { ...server, member: "failed" } : server));
  expect(told({ ...well, servers })).toEqual(["server-1 is failed in gossip"]);
});

test("a certificate is noted in its last 30 days and wrong in its last 7", () => {
  const ending = (daysLeft: number, name = "agent") =>
    judgeCertificates([{ name, daysLeft, validUntil: "2026-12-01T00:00:00.000Z" }]);
  expect(ending(30)).toEqual([]);
  expect(isWell(ending(29))).toBe(true);
  expect(ending(29)).toMatchObject([{ what: "the certificate agent ends in 29 days, on 2026-12-01", isNote: true }]);
  expect(isWell(ending(6))).toBe(false);
  expect(ending(-1)).toMatchObject([{ what: "the certificate agent expired on 2026-12-01" }]);
  expect(ending(6, "ca")[0]?.remedy).toContain("`npx rollcall rotate certificates`");
});

describe("the last backup", () => {
  const made = (file: string, hour: number) => ({ file, time: new Date(hour * 3600_000), size: 1 });
  const line = (backup: Status["backup"]) =>
    /Last backup {3}(.*)/.exec(renderStatus({ ...well, backup }, [], 3 * 3600_000))?.[1];

  test("is the newest of those in the folder and those that the platform made by itself", () => {
    expect(lastBackup([], [])).toBeUndefined();
    expect(lastBackup([made("f2", 2), made("f1", 1)], [])).toMatchObject({ file: "f2", kind: "folder" });
    expect(lastBackup([], [made("s2", 2), made("s1", 1)])).toMatchObject({ file: "s2", kind: "scheduled" });
    expect(lastBackup([made("f1", 1)], [made("s2", 2)])).toMatchObject({ file: "s2", kind: "scheduled" });
    expect(lastBackup([made("f2", 2)], [made("s1", 1)])).toMatchObject({ file: "f2", kind: "folder" });
  });

  test("is the copy, where a scheduled one was fetched", () => {
    expect(lastBackup([made("backups/s1", 1)], [made("s1", 1)])).toMatchObject({ file: "backups/s1", kind: "folder" });
  });

  test("is named with its age and where it lies", () => {
    expect(line(undefined)).toBe("none");
    expect(line({ ...made("b.age", 0), kind: "folder" })).toBe("b.age, 3 h ago, in the backup folder");
    expect(line({ ...made("b.age", 0), kind: "scheduled" })).toBe(
      "b.age, 3 h ago, scheduled, in the volume of consul-backup alone",
    );
  });
});

test("that no server says what the catalog holds may pass: on a busy machine one answer comes too late", () => {
  const [silent] = judgeStatus({ ...well, catalog: { unknown: "docker exec did not end within 20 s" } });
  expect(silent).toMatchObject({ what: expect.stringContaining("within 20 s"), mayPass: true });
});
