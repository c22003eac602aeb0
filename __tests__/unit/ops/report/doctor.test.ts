import { few } from "../../../../ops/cli/few.js";
import { SOMETHING_ELSE } from "../../../../ops/platform/gateway-ports.js";
import { judgeCatalog } from "../../../../ops/report/doctor/catalog.js";
import { judgeClocks } from "../../../../ops/report/doctor/clocks.js";
import { judgeDisks } from "../../../../ops/report/doctor/disks.js";
import { judgeDrift } from "../../../../ops/report/doctor/drift.js";
import { judgeEngine } from "../../../../ops/report/doctor/engine.js";
import { judgeLeftovers } from "../../../../ops/report/doctor/leftovers.js";
import { judgeMemory } from "../../../../ops/report/doctor/memory.js";
import { judgeModes } from "../../../../ops/report/doctor/modes.js";
import { judgeNames } from "../../../../ops/report/doctor/names.js";
import { judgeEndpoints } from "../../../../ops/report/doctor/networks.js";
import { judgePorts } from "../../../../ops/report/doctor/ports.js";
import { judgeVersions } from "../../../../ops/report/doctor/versions.js";
import type { Problem } from "../../../../ops/report/problem.js";
import { renderProblems } from "../../../../ops/report/status/render.js";

/** What is wrong or noted, each with its remedy. */
const told = (problems: readonly Problem[]) =>
  problems.map(({ what, remedy, isNote }) => [isNote === true ? `note: ${what}` : what, remedy]);
const UP = "`npx rollcall up` puts it back.";
const GIB = 1024 ** 3;

describe("Docker", () => {
  const engine = { ServerVersion: "20.10.24+dfsg1", Driver: "overlay2", MemoryLimit: true, SystemTime: "" };
  test("20.10 with overlay2 and memory limits is well", () => expect(judgeEngine(engine)).toEqual([]));
  test("none that answers is told, as status tells it", () => {
    expect(told(judgeEngine({ unknown: "Cannot connect" }))).toEqual([
      [
        "Docker does not answer: Cannot connect",
        expect.stringMatching(
          /^Start .*Docker.*, or get permission to use it; the containers come back by themselves\.$/,
        ),
      ],
    ]);
  });
  test.each([
    [{ ServerVersion: "19.3.1" }, "Docker 19.3.1 is too old", "Install 20.10 or newer."],
    [
      { Driver: "vfs" },
      "note: Docker's storage driver is vfs, which is slow and takes much space",
      "Use overlay2 (docs.docker.com/storage/storagedriver); images and volumes must be recreated.",
    ],
    [
      { MemoryLimit: false },
      "this Docker host does not hold containers to their memory limits",
      "Enable the memory cgroup in its kernel (`cgroup_enable=memory`).",
    ],
  ])("%j is told", (more, ...trouble) => expect(told(judgeEngine({ ...engine, ...more }))).toEqual([trouble]));
});

describe("clocks", () => {
  test("two seconds apart are no trouble, three are", () => {
    expect(judgeClocks(2)).toEqual([]);
    expect(told(judgeClocks(3))).toEqual([
      [
        "this machine's clock and the Docker host's are 3.0 s apart",
        "Set both by NTP (`timedatectl set-ntp true`; restart Docker Desktop after the machine slept).",
      ],
    ]);
  });
});

describe("disks", () => {
  const disk = (freeGib: number, totalGib: number) => ({
    ...{ place: "Docker's root", freeBytes: freeGib * GIB, totalBytes: totalGib * GIB },
  });
  const remedy = "Free some: `docker system df` and `du -x` show what takes it.";
  test("a tenth free is well", () => expect(judgeDisks([disk(20, 200), disk(1, 10)])).toEqual([]));
  test("less is noted", () =>
    expect(told(judgeDisks([disk(9, 100)]))).toEqual([["note: Docker's root has 9.0 GiB free, 9 %", remedy]]));
  test("three in a hundred, or half a GiB, are wrong", () => {
    expect(told(judgeDisks([disk(2, 100)]))).toEqual([["Docker's root has 2.0 GiB free, 2 %", remedy]]);
    expect(told(judgeDisks([disk(0.4, 1)]))).toEqual([["Docker's root has 0.4 GiB free, 40 %", remedy]]);
  });
});

describe("ports", () => {
  const port = (isFree: boolean, dead = "") => [{ setting: "ROLLCALL_HTTP_PORT", port: 8500, isFree, dead }];
  test("the gateway's own port is taken, and free while it does not run", () => {
    expect(judgePorts(port(false), true)).toEqual([]);
    expect(judgePorts(port(true), false)).toEqual([]);
  });
  test("a port that somebody else has, or that nobody serves, is told", () => {
    expect(told(judgePorts(port(false), false))).toEqual([
      [
        "port 8500 on 127.0.0.1 is taken by something that is not the gateway",
        "`ss -ltnp 'sport = :8500'` names it; end it, or set ROLLCALL_HTTP_PORT to a free port.",
      ],
    ]);
    expect(told(judgePorts(port(true), true))).toEqual([
      [
        "nothing listens on 127.0.0.1:8500, though the gateway runs",
        "Look at ROLLCALL_HTTP_PORT: is it the port that the gateway was set up with? `npx rollcall up` restarts the gateway.",
      ],
    ]);
    expect(told(judgePorts(port(false, "no answer within 5 s"), true))).toEqual([
      ["nothing answers on 127.0.0.1:8500: no answer within 5 s", "`npx rollcall up` restarts the gateway."],
    ]);
    expect(told(judgePorts(port(false, SOMETHING_ELSE), true))).toEqual([
      [
        "127.0.0.1:8500 is not the gateway's: something else answers there",
        "`ss -ltnp 'sport = :8500'` names it; end it and run `npx rollcall up`.",
      ],
    ]);
  });
});

describe("names", () => {
  const all = { servers: [], hosts: [], queries: [] };
  test("names that resolve are well", () => expect(judgeNames(all)).toEqual([]));
  test("each kind of name that does not is told", () => {
    const bad = { servers: ["consul-server-3"], hosts: ["isa-billing"], queries: ["billing-service.query.consul"] };
    expect(told(judgeNames(bad))).toEqual([
      ["the control plane does not resolve consul-server-3", `A server that does not run has no name. ${UP}`],
      [
        "the platform's network does not resolve isa-billing",
        "Start the container, in that network and under that name (docs/applications.md); stand-ins: `npx rollcall up`.",
      ],
      [
        "Consul's DNS does not answer billing-service.query.consul",
        "`npx rollcall logs agent` shows more; a new query: `npx rollcall up`.",
      ],
    ]);
    expect(told(judgeNames({ unknown: "took too long" }))).toEqual([["names cannot be looked up: took too long", UP]]);
  });
  test("of many names a few are told", () => expect(few(["a", "b", "c"], 2)).toBe("a, b and 1 more"));
});

describe("memory", () => {
  const use = { name: "server-1", percent: 30, oomKilled: false, restarts: 0, startedAt: "2026-11-25T03:00:00.1Z" };
  test("a third of the limit is well", () => expect(judgeMemory([use])).toEqual([]));
  test.each([
    [
      { percent: 95.2 },
      "server-1 uses 95 % of its memory limit",
      "`npx rollcall logs server-1` may show why; lib/docker/memory.ts has the limits, `npx rollcall up` applies them.",
    ],
    [
      { oomKilled: true },
      "server-1 was killed for lack of memory",
      "Raise its limit in lib/docker/memory.ts, and apply it: `npx rollcall up`.",
    ],
    [
      { restarts: 2 },
      "note: server-1 ended by itself 2 times and was started again, last at 2026-11-25T03:00:00Z",
      "`npx rollcall logs server-1` shows why.",
    ],
  ])("%j is told", (more, ...trouble) => expect(told(judgeMemory([{ ...use, ...more }]))).toEqual([trouble]));
});

describe("versions", () => {
  const versions = {
    node: "20.20.2",
    terraform: "1.11.4",
    consul: new Map([["server-1", "1.22.5"]]),
    declaredConsul: "1.22.5",
    otherImage: [],
  };
  test("what is declared is well", () => expect(judgeVersions(versions, "terraform")).toEqual([]));
  test.each([
    [{ terraform: "1.4.7" }, "terraform 1.4.7 is too old", "Install 1.5 or newer."],
    [
      { terraform: "" },
      "terraform is not installed",
      "Install Terraform 1.5 or newer, or OpenTofu, and set ROLLCALL_TERRAFORM=tofu for that.",
    ],
    [{ consul: new Map([["server-2", "1.22.3"]]) }, "server-2 runs Consul 1.22.3, and 1.22.5 is declared", UP],
    [
      { otherImage: ["agent"] },
      "note: agent would get a newer build of Consul's image",
      "The next `npx rollcall up` rolls it out.",
    ],
  ])("%j is told", (more, ...trouble) =>
    expect(told(judgeVersions({ ...versions, ...more }, "terraform"))).toEqual([trouble]),
  );
});

describe("modes", () => {
  test("what its owner alone may read is well", () => {
    expect(
      judgeModes(
        [
          { path: "state", mode: 0o700 },
          { path: "state/x", mode: 0o600 },
        ],
        [],
      ),
    ).toEqual([]);
  });
  test("a file that others may read is told, and a plan that lies there", () => {
    expect(told(judgeModes([{ path: "state/x", mode: 0o644 }], ["out/plan"]))).toEqual([
      ["others may read state/x (0644)", "`chmod -R go= state/x`; who could read it may know the secrets."],
      ["note: out/plan holds the state in clear", "Remove it: plain `cdktf diff` leaves it behind."],
    ]);
  });
});

describe("networks", () => {
  const endpoint = {
    ...{ network: "rollcall-control", id: "c1", container: "consul-server-1", instance: "x", isRunning: true },
    ...{ address: "172.30.241.11", names: [], isStale: false, isGone: false },
  };
  test("an endpoint whose container is there is well", () => expect(judgeEndpoints([endpoint])).toEqual([]));
  test("one whose container is gone is told, with the command that frees it", () => {
    expect(judgeEndpoints([{ ...endpoint, isGone: true }])).toEqual([
      {
        what: "Docker keeps an endpoint of consul-server-1 in rollcall-control, whose container is gone",
        remedy: "`docker network disconnect --force rollcall-control consul-server-1`",
      },
    ]);
  });
});

describe("leftovers", () => {
  test("what is in the state is well", () => expect(judgeLeftovers([], false)).toEqual([]));
  test("an unfinished down and what no state knows are told", () => {
    const found = {
      kind: "container",
      id: "c9",
      name: "consul-server-1",
      instance: "x",
      stack: "server-1",
      state: "running",
    };
    expect(told(judgeLeftovers([{ ...found, kind: "container" }], true))).toEqual([
      ["a `down` was begun and did not come to its end", "`npx rollcall down` finishes it."],
      [
        "consul-server-1 carries our label and is in no state: an interrupted run made it",
        "If no verb runs now, the next `npx rollcall up` removes it.",
      ],
    ]);
  });
});

describe("the catalog", () => {
  const wrong = { name: "billing_service", team: "user-platform", standing: "critical", why: "refused" } as const;
  test("what passes and was applied is well", () => expect(judgeCatalog([], [])).toEqual([]));
  test("each service that does not is told, a warning and what waits for `up` as notes", () => {
    expect(told(judgeCatalog([wrong, { ...wrong, standing: "warning" }], ["order_service"]))).toEqual([
      ["billing_service is critical: refused", "`npx rollcall logs billing_service`"],
      ["note: billing_service warns: refused", "`npx rollcall logs billing_service`"],
      [
        "note: the files have changes that were not applied, of order_service",
        "`npx rollcall diff` shows them, `npx rollcall up` applies them.",
      ],
    ]);
    expect(told(judgeCatalog([{ ...wrong, standing: "extra", why: "elsewhere" }], []))).toEqual([
      ["billing_service is declared nowhere: elsewhere", "`npx rollcall catalog audit` has the command that fixes it."],
    ]);
    expect(told(judgeCatalog(Array(7).fill(wrong), { unknown: "no state" })).at(-1)).toEqual([
      "2 more services do not stand as declared",
      "`npx rollcall verify` names all.",
    ]);
  });
});

describe("drift", () => {
  const stack = { add: 0, change: 0, replace: 0, destroy: 0, note: "" };
  const planned = { ...stack, name: "gateway", state: "planned" } as const;
  test("a platform that is what was applied is well", () => {
    expect(judgeDrift([planned], [])).toEqual([]);
  });
  test("what is gone is wrong, what was changed is noted, five at most, and a stack of which nothing can be said", () => {
    const unknown = { ...stack, name: "access", state: "unknown", note: "Consul does not answer" } as const;
    const changed = { what: "consul-ui was changed", isGone: false };
    const gone = Array(7).fill({ what: "isa-wallet is gone", isGone: true });
    const found = told(judgeDrift([planned, unknown], [changed, ...gone]));
    expect(found).toHaveLength(8);
    expect(found[0]).toEqual(["isa-wallet is gone", UP]);
    expect(found.slice(-3)).toEqual([
      ["2 more things are gone", UP],
      [
        "note: consul-ui was changed",
        "`npx rollcall drift` shows it; `npx rollcall up` makes it what the clone and its settings say.",
      ],
      ["the stack access cannot be planned: Consul does not answer", "`npx rollcall diff` shows why."],
    ]);
  });
});

test("each trouble has its remedy below it, what is wrong first, and notes alone are well", () => {
  const note = { what: "little space", remedy: "Free some.", isNote: true };
  expect(renderProblems([note, { what: "no leader", remedy: "Start it." }])).toBe(
    "wrong  no leader\n       Start it.\nnote   little space\n       Free some.\n1 thing is wrong.",
  );
  expect(renderProblems([note])).toMatch(/All is well\.$/);
});
