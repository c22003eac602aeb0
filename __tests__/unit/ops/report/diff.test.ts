import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Change, changesBetween, sentence } from "../../../../lib/catalog/changes.js";
import { declaredBy } from "../../../../lib/catalog/declared.js";
import { kvValue } from "../../../../lib/catalog/definition.js";
import { appliedIn } from "../../../../ops/report/diff/applied.js";
import { catalogAt } from "../../../../ops/report/diff/catalog-at.js";
import { dangersOf, noticedIn, type PlannedChange } from "../../../../ops/report/diff/dangers.js";
import { exitCode, type Report, render, reportBetween, type StackPlan } from "../../../../ops/report/diff/report.js";
import { catalogOf, team } from "../../../support/catalog-helpers.js";

const change = (service: string, words = ["port 1 → 2"]): Change => ({ service, team: "t", kind: "changed", words });
const stack = (changes: Partial<StackPlan> = {}): StackPlan => ({
  ...{ name: "registry", state: "planned", add: 0, change: 0, replace: 0, destroy: 0, note: "" },
  ...changes,
});
const report = (changes: Partial<Report> = {}): Report => ({
  ...{ catalog: [], stacks: [], noticed: [], redirected: [], drifted: [], refused: [], dangers: [] },
  ...changes,
});
const danger = (isAllowed: boolean) => ({ id: "ca", what: "the certificate authority is replaced", isAllowed });

describe("the exit code", () => {
  test.each<[string, number, Partial<Report>]>([
    ["nothing changes", 0, { stacks: [stack()] }],
    ["a service changes", 2, { catalog: [change("x")] }],
    ["a stack changes", 2, { stacks: [stack({ replace: 1 })] }],
    ["a stack is new", 2, { stacks: [stack({ state: "new" })] }],
    ["a stack is unknown", 1, { catalog: [change("x")], stacks: [stack({ state: "unknown" })] }],
    ["a danger is not allowed", 1, { stacks: [stack({ change: 1 })], dangers: [danger(false)] }],
    ["settings are missing", 1, { refused: ["ROLLCALL_NETWORKS was one"] }],
    ["a danger is allowed", 2, { stacks: [stack({ change: 1 })], dangers: [danger(true)] }],
  ])("where %s is %d", (_, code, changes) => {
    expect(exitCode(report(changes))).toBe(code);
  });
});

test("of a comment's 65,536 characters none is cut from the dangers, however much else there is to tell", () => {
  const many = Array.from({ length: 4000 }, (_, n) => `isa-service-${n} is replaced`);
  const everything = report({
    catalog: many.map((name) => change(name)),
    noticed: many,
    drifted: many,
    dangers: [danger(false)],
  });
  const told = render(everything, "markdown");
  expect(told.length).toBeLessThan(60_500);
  expect(told).toContain("**Dangerous: blocked**\n\n```\nthe certificate authority is replaced");
  expect(told.match(/^… and \d+ more; npx rollcall diff shows them all$/gm)).toHaveLength(3);
});

test("a drift that is none says so in its own words", () => {
  expect(render(report(), "text", "What Consul has is what was applied.")).toBe("What Consul has is what was applied.");
});

describe("the report", () => {
  const full = report({
    catalog: [change("billing_service")],
    stacks: [stack({ change: 1, replace: 2 }), stack({ name: "access", state: "unknown", note: "no answer" })],
    noticed: ["isa-billing is replaced"],
    redirected: ["wallet_service: its check is answered 302"],
    dangers: [danger(false)],
  });

  test("as text has the services, the stacks with each action apart, and what is noticed and dangerous", () => {
    const text = render(full, "text");
    expect(text).toMatch(/^billing_service: port 1 → 2\n\n/);
    expect(text).toMatch(/registry +│ 0 +│ 1 +│ 2 +│ 0 /);
    expect(text).toContain("unknown: no answer");
    expect(text).toContain("What will be noticed\n  isa-billing is replaced");
    expect(text).toContain("redirects now and will not any more\n  wallet_service: its check is answered 302");
    expect(text).toContain("the certificate authority is replaced (ROLLCALL_ALLOW=ca lets it pass)");
  });

  test("tells first what up refuses to begin for", () => {
    const refused = report({ refused: ["ROLLCALL_NETWORKS was one"], noticed: ["isa-billing is replaced"] });
    expect(render(refused, "text")).toMatch(
      /`up` refuses: settings are missing\n {2}ROLLCALL_NETWORKS was one\n\nWhat will/,
    );
  });

  test("as JSON is the report and its exit code", () => {
    expect(JSON.parse(render(full, "json"))).toEqual({ exitCode: 1, ...full });
  });

  test("as Markdown cannot be broken out of, and mentions nobody", () => {
    const evil = change("x", ["```\n@everyone <b>"]);
    const text = render(report({ catalog: [evil], stacks: [stack({ name: "a|b", note: "`@x`" })] }), "markdown");
    expect(text).toMatch(/^````\n/);
    expect(text).toContain("| a&#124;b |");
    expect(text).toContain("&#96;&#64;x&#96;");
  });

  test("as Markdown fits into a comment, says how much is left out, and keeps the table", () => {
    const catalog = Array.from({ length: 4000 }, (_, n) => change(`service_${n}`));
    const text = render(report({ catalog, stacks: [stack({ change: 9 })] }), "markdown");
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/… and \d+ more; npx rollcall diff shows them all/);
    expect(text).toContain("| registry | 0 | 9 | 0 | 0 |  |");
  });
});

describe("a comment hides nothing", () => {
  const added = (name: string): Change => ({ service: name, team: "t", kind: "added", words: ["h:1, http check"] });

  test("behind 8,000 added services: the counts come first, then what goes and what changes", () => {
    const before = catalogOf({ "a.yaml": team("t", ["gone: { port: 1 }", "moves: { port: 2 }"]) });
    const many = Array.from({ length: 8000 }, (_, n) => `a${n}: { port: 3 }`);
    const after = catalogOf({ "a.yaml": team("t", [...many, "moves: { port: 4 }"]) });
    const told = render(reportBetween(before, after), "markdown");
    expect(told).toMatch(/^```\n1 removed, 1 changed, 8000 added\n- gone of t removed, .*\nmoves: port 2 → 4\n\+ a0 /);
    expect(told).toMatch(/… and \d+ more; npx rollcall diff shows them all\n```$/);
    expect(told.length).toBeLessThan(60_500);
  });

  test("behind one service that is longer than the comment", () => {
    const long: Change = { service: "a", team: "t", kind: "changed", words: ["x".repeat(100_000)] };
    const told = render(report({ catalog: [long, change("b")] }), "markdown");
    expect(told).toContain("characters more)\nb: port 1 → 2");
  });

  test.each<[string, (text: string) => string]>([
    ["a tag", (text) => `tags: [${text}]`],
    ["meta", (text) => `meta: { k: ${text} }`],
    ["a header", (text) => `check: { header: { X-A: ${text} } }`],
  ])("in %s: what turns or hides a text stands there as what it is", (_, fields) => {
    const evil = { service: "x", team: "t", kind: "changed" as const, words: [fields("a\u202eb\u009bc\u200bd")] };
    for (const format of ["text", "markdown", "json"] as const) {
      const told = render(report({ catalog: [evil, added("y")] }), format);
      expect(told).toContain("a\\u202eb\\u009bc\\u200bd");
      expect(told).not.toMatch(/[\u202e\u009b\u200b]/);
    }
    expect(JSON.parse(render(report({ catalog: [evil] }), "json")).catalog).toEqual([evil]);
  });

  test("in a stack's note, nor in what is dangerous", () => {
    const told = render(
      report({
        stacks: [stack({ name: "registry", state: "unknown", note: "a\u202eb\n| c" })],
        dangers: [{ id: "removed-service", what: "a\u202eb is removed", isAllowed: false }],
      }),
      "markdown",
    );
    expect(told).toContain("unknown: a&#92;u202eb&#92;n&#124; c");
    expect(told).toContain("a\\u202eb is removed");
  });
});

describe("what was applied", () => {
  const state = (...resources: object[]) => JSON.stringify({ version: 4, resources });
  const resource = (type: string, attributes: object) => ({ type, name: "x", instances: [{ attributes }] });
  const services = "x: { port: 1, failover: [dc2] }";
  const dynamic = "w: { dynamic: true, failover: [dc2, dc3] }";
  const catalog = catalogOf({ "a.yaml": team("team-a", [services, dynamic]) });
  const [x] = catalog.services;
  const applied = new Map([
    ["registry", state(resource("consul_key_prefix", { subkeys: { x: x === undefined ? "" : kvValue(x) } }))],
    [
      "access",
      state(resource("consul_acl_policy", { name: "rollcall-dynamic", rules: 'service "w" { policy = "write" }' })),
    ],
    [
      "queries",
      state(
        resource("consul_prepared_query", { service: "x", failover: [{ datacenters: ["dc2"], nearest_n: null }] }),
        resource("consul_prepared_query", { service: "w", failover: [{ datacenters: ["dc2", "dc3"] }] }),
        resource("consul_prepared_query", { service: "plain", failover: [] }),
      ),
    ],
  ]);

  test("is read from the states of all stacks that a catalog reaches, failover too", () => {
    expect(changesBetween(appliedIn(applied), declaredBy(catalog))).toEqual([]);
    const without = catalogOf({ "a.yaml": team("team-a", ["x: { port: 1 }", "w: { dynamic: true }"]) });
    expect(changesBetween(appliedIn(applied), declaredBy(without)).map(sentence)).toEqual([
      "w: failover dc2, dc3 → none",
      "x: failover dc2 → none",
    ]);
  });

  test("is what the monitor was given for those who watch a service; without a monitor nothing is told of it", () => {
    const facts = { dynamic: ["w"], coexist: false, services: { x: { alert: "page" } } };
    const upload = [{ file: "/rollcall/config/monitor.json", content: JSON.stringify({ node: "n", facts }) }];
    const monitored = new Map([...applied, ["monitor", state(resource("docker_container", { name: "c", upload }))]]);
    const said = (fields: string, of = monitored) => {
      const now = catalogOf({ "a.yaml": team("team-a", [services.replace(" }", `, ${fields} }`), dynamic]) });
      return changesBetween(appliedIn(of), declaredBy(now)).map(sentence);
    };
    expect(said("alert: page")).toEqual([]);
    expect(said("alert: ticket, slo: 99.9")).toEqual(["x: alert page → ticket; +slo 99.9"]);
    expect(said("alert: ticket", applied)).toEqual([]);
  });

  test("is not what somebody else wrote below a team's prefix, which a cut-off apply leaves in the state", () => {
    const [, registry = ""] = [...applied].find(([stack]) => stack === "registry") ?? [];
    const spoilt = registry.replace('"subkeys":{', '"subkeys":{"garbage":"{","stranger":"{}",');
    expect(spoilt).not.toBe(registry);
    expect(changesBetween(appliedIn(new Map([...applied, ["registry", spoilt]])), declaredBy(catalog))).toEqual([]);
  });

  test("is nothing where nothing was applied, or a stack is empty", () => {
    expect(changesBetween(appliedIn(new Map([["queries", ""]])), {})).toEqual([]);
  });
});

describe("what is dangerous", () => {
  const planned = (type: string, name: string, action: PlannedChange["action"], of = "server-1"): PlannedChange => ({
    stack: of,
    type,
    name,
    action,
  });
  test.each<[string, readonly PlannedChange[], string]>([
    [
      "server-data",
      [planned("docker_volume", "x-consul-server-1-data", "replace")],
      "x-consul-server-1-data is replaced",
    ],
    [
      "server-data",
      [planned("docker_volume", "consul-monitor-data", "delete", "monitor")],
      "consul-monitor-data is destroyed",
    ],
    [
      "ca",
      [planned("tls_self_signed_cert", "tls_self_signed_cert.ca", "update")],
      "the certificate authority is changed",
    ],
    ["gossip-key", [planned("random_bytes", "random_bytes.gossip-key", "replace")], "the gossip key is replaced"],
    [
      "servers-together",
      [
        planned("docker_container", "consul-server-1", "replace"),
        planned("docker_container", "consul-server-2", "update"),
      ],
      "more than one server",
    ],
  ])("%s is found, and allowed where the setting says so", (id, changes, what) => {
    expect(dangersOf(changes, [], new Set())).toEqual([{ id, what: expect.stringContaining(what), isAllowed: false }]);
    expect(dangersOf(changes, [], new Set([id]))).toEqual([expect.objectContaining({ id, isAllowed: true })]);
  });

  test("a removed service with a healthy instance is", () => {
    expect(dangersOf([], [change("x")], new Set())[0]?.what).toBe("x is removed and still has a healthy instance");
  });

  test("what is made for the first time, an updated volume and one server a stack are not", () => {
    const harmless = [
      planned("tls_self_signed_cert", "tls_self_signed_cert.ca", "create"),
      planned("docker_volume", "consul-server-1-data", "update"),
      planned("docker_volume", "consul-agent-shared-data", "replace"),
      planned("docker_container", "consul-server-1", "replace", "server-1"),
      planned("docker_container", "consul-server-2", "replace", "server-2"),
    ];
    expect(dangersOf(harmless, [], new Set())).toEqual([]);
  });

  test("a container that is replaced will be noticed, what brings it files and programs will not", () => {
    const parts = ["config", "secrets", "programs-0123456789ab"].map((part) => `consul-agent-shared-${part}`);
    const names = ["consul-agent-shared", ...parts, "consul-ui-servers"];
    expect(noticedIn(names.map((name) => planned("docker_container", name, "replace")))).toEqual([
      "consul-agent-shared is replaced",
    ]);
  });
});

describe("the catalog at a commit", () => {
  const home = mkdtempSync(join(tmpdir(), "rollcall-git-"));
  const folder = join(home, "catalog");
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", home, "-c", "user.name=t", "-c", "user.email=t@localhost", ...args], { stdio: "pipe" });
  const commit = (message: string) => {
    git("add", "--all");
    git("commit", "--quiet", "--message", message, "--no-verify");
    git("tag", message);
  };
  beforeAll(() => {
    git("init", "--quiet");
    writeFileSync(join(home, "README"), "");
    commit("before");
    mkdirSync(folder);
    writeFileSync(join(folder, "a.yaml"), team("team-a", ["x: { port: 1 }"]));
    commit("good");
    writeFileSync(join(folder, "._a.yaml"), Uint8Array.of(0, 5, 22, 7));
    symlinkSync("ann@host.4711:1700000000", join(folder, ".#a.yaml"));
    commit("hidden");
    writeFileSync(join(folder, "a.yaml"), team("team-a", ["x: { port: 0 }"]));
    commit("bad");
    writeFileSync(join(folder, "a.yaml"), team("team-a", ["x: { port: 2 }"]));
  });
  afterAll(() => rmSync(home, { recursive: true }));

  test("is what the files said there, whatever they say now", async () => {
    expect((await catalogAt("good", folder)).services).toEqual([expect.objectContaining({ name: "x", port: 1 })]);
  });

  test("leaves out hidden files that somebody committed", async () => {
    expect((await catalogAt("hidden", folder)).services).toEqual([expect.objectContaining({ name: "x", port: 1 })]);
  });

  test("is empty where the folder was not there yet", async () => {
    expect((await catalogAt("before", folder)).services).toEqual([]);
  });

  test("with a mistake is refused with its place", async () => {
    await expect(catalogAt("bad", folder)).rejects.toThrow(/had mistakes at bad:\ncatalog\/a.yaml:6:14: x.port is 0/);
  });

  test.each(["nowhere", "--help", ""])("of the ref %j, which git does not know, is refused", async (ref) => {
    await expect(catalogAt(ref, folder)).rejects.toThrow(/^git knows no commit/);
  });
});
