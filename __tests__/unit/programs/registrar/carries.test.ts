import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent } from "../../../../programs/registrar/agent.js";
import { Files } from "../../../../programs/registrar/files.js";
import { Journal } from "../../../../programs/registrar/journal.js";
import { Registrar } from "../../../../programs/registrar/registrar.js";
import { Report } from "../../../../programs/registrar/report.js";
import { FakeAgent } from "../../../support/fake-agent.js";

const check = (id: string) => ({ id: `${id}:http`, http: "http://isa/health", interval: "10s", timeout: "5s" });
const definition = (id: string, changes: object = {}) => ({
  id,
  name: id,
  address: "isa",
  port: 8216,
  tags: ["v1"],
  meta: { team: "t" },
  checks: [check(id)],
  ...changes,
});
const key = (id: string) => `catalog/t/${id}`;

/** A registrar with an agent and a folder of its own. */
class Bed {
  readonly agent = new FakeAgent();
  readonly folder = mkdtempSync(join(tmpdir(), "registrar-"));
  readonly log: string[] = [];
  readonly report = new Report((line) => this.log.push(line));
  private stopped = new AbortController();

  async start(): Promise<this> {
    const address = await this.agent.listen();
    const token = join(this.folder, "token");
    writeFileSync(token, "secret\n");
    const files = new Files(this.folder, "catalog/");
    const common = { node: "shared", prefix: "catalog/", registrarTokenFile: token, registrationTokenFile: token };
    const agent = new Agent({ address, caFile: undefined, ...common });
    const journal = new Journal(files.keep, "catalog/");
    const { signal } = this.stopped;
    new Registrar({ agent, files, journal, report: this.report, prefix: "catalog/", signal }).run();
    return this;
  }
  stop(): void {
    this.stopped.abort();
    this.agent.close();
    rmSync(this.folder, { recursive: true });
  }
  path(id: string): string {
    return join(this.folder, `t.${id}.json`);
  }
  status(id: string): string | undefined {
    return existsSync(this.path(id))
      ? JSON.parse(readFileSync(this.path(id), "utf8")).service.checks[0]?.status
      : undefined;
  }
  get journal(): string {
    return readFileSync(join(this.folder, ".registrar", "untold"), "utf8");
  }
  /** What an earlier run has left. */
  left(id: string, status: string, changes: object = {}): void {
    const service = definition(id, changes);
    const checks = service.checks.map((each) => ({ ...each, status }));
    writeFileSync(this.path(id), JSON.stringify({ service: { ...service, checks } }));
  }
}

let bed: Bed;
beforeEach(() => {
  bed = new Bed();
});
afterEach(() => bed.stop());

async function until(condition: () => boolean): Promise<void> {
  const begun = Date.now();
  while (!condition()) {
    if (Date.now() - begun > 20_000) throw new Error(`not within 20 s: ${condition}\n${bed.log.join("\n")}`);
    await sleep(20);
  }
}
const isCarried = (id: string) => bed.agent.services.has(id) && bed.status(id) !== undefined && bed.journal === "";

test("the agent is told first, the file follows, and the journal has it until both are done", async () => {
  const before: string[] = [];
  bed.agent.onRegister = (id) => {
    before.push(`${existsSync(bed.path(id))} ${bed.journal}`);
  };
  bed.agent.put(key("a"), definition("a"));
  await bed.start();
  await until(() => bed.status("a") !== undefined);
  expect(before[0]).toBe("false +\tt.a\tnew\n");
  expect(bed.status("a")).toBe("critical");
});

test("a service that is removed while the agent is told of it is gone, and nothing of it is kept", async () => {
  let release = () => {};
  const held = new Promise<void>((done) => {
    release = done;
  });
  bed.agent.onRegister = () => held;
  bed.agent.put(key("a"), definition("a"));
  await bed.start();
  await until(() => bed.agent.registrationsOf("a").length === 1);
  bed.agent.delete(key("a"));
  await until(() => bed.journal.includes("-\tt.a"));
  release();
  await until(() => bed.journal === "");
  expect(bed.agent.told.at(-1)?.what).toBe("deregister");
  expect([bed.agent.services.has("a"), existsSync(bed.path("a")), bed.report.registered]).toEqual([false, false, 0]);
});

test("a changed service keeps what is known of its check; what asks elsewhere is deregistered first, and critical", async () => {
  bed.left("a", "passing");
  bed.left("b", "passing");
  bed.agent.put(key("a"), definition("a", { tags: ["v2"] }));
  bed.agent.put(key("b"), definition("b", { port: 9 }));
  await bed.start();
  await until(() => bed.agent.told.length === 3 && bed.journal === "");
  expect(bed.agent.told.map(({ what, id }) => `${what} ${id}`).toSorted()).toEqual([
    "deregister b",
    "register a",
    "register b",
  ]);
  expect([bed.status("a"), bed.status("b")]).toEqual(["passing", "critical"]);
  expect(bed.log.filter((line) => line.startsWith("registered")).toSorted()).toEqual([
    "registered a (changed)",
    "registered b (moved)",
  ]);
});

test("what is unchanged is not told again, whatever wrote its file", async () => {
  bed.left("a", "warning");
  bed.agent.services.add("a");
  const { id, ...rest } = definition("a");
  // The same in another order, as the registrar before this one wrote it.
  bed.agent.put(key("a"), JSON.stringify({ ...rest, id }));
  bed.agent.put(key("b"), definition("b", { checks: [] }));
  await bed.start();
  await until(() => bed.agent.services.has("b") && bed.journal === "");
  expect(bed.agent.registrationsOf("a")).toEqual([]);
  expect(bed.status("a")).toBe("warning");
});

test("what must still be told after a crash is told: the agent may have it, the file not", async () => {
  bed.left("a", "passing");
  writeJournal(
    "+\tt.a\tchanged\n+\tt.b\tnew\n!\tt.c\tmoved\n+\tt.d\tnew\n=\td\n-\tt.f\tremoved\n-\tt.g\tremoved\n+\tt.e",
  );
  // f was still in its file, g not any more.
  bed.left("f", "passing");
  for (const id of ["b", "c", "f", "g"]) bed.agent.services.add(id);
  for (const id of ["a", "b"]) bed.agent.put(key(id), definition(id));
  await bed.start();
  await until(() => bed.journal === "");
  // c is in nobody's catalog any more; d was done; e was never written down whole, so never acted upon.
  expect(bed.agent.told.map(({ what, id }) => `${what} ${id}`).toSorted()).toEqual([
    "deregister c",
    "deregister f",
    "deregister g",
    "register a",
    "register b",
  ]);
  expect(existsSync(bed.path("f"))).toBe(false);
  expect([...bed.agent.services].toSorted()).toEqual(["a", "b"]);
  // Not hurried: it may have been there.
  expect(bed.agent.registrationsOf("b")[0]?.body).toMatchObject({ checks: [{ interval: "10s" }] });
});

test("a removed service goes, file first, once its absence is confirmed", async () => {
  bed.left("a", "passing");
  bed.agent.services.add("a");
  bed.agent.put(key("b"), definition("b", { checks: [] }));
  const begun = Date.now();
  await bed.start();
  await until(() => !bed.agent.services.has("a") && bed.journal === "");
  expect(Date.now() - begun).toBeGreaterThan(900);
  expect(existsSync(bed.path("a"))).toBe(false);
  expect(bed.log).toContain("deregistered a (removed)");
});

test("keys that the token may not read are not gone, and an error is no empty catalog", async () => {
  bed.left("a", "passing");
  bed.agent.services.add("a");
  bed.agent.put(key("a"), definition("a"));
  bed.agent.mayRead = false;
  await bed.start();
  await until(() => bed.report.fault?.includes("cannot be confirmed") === true);
  await sleep(1500);
  bed.agent.isAway = true;
  bed.agent.changed();
  await until(() => bed.report.fault?.includes("cannot be read") === true);
  expect([bed.status("a"), bed.agent.told]).toEqual(["passing", []]);
  bed.agent.isAway = false;
  bed.agent.mayRead = true;
  await until(() => bed.report.fault === undefined);
  expect([bed.status("a"), bed.agent.told]).toEqual(["passing", []]);
});

test("that there is no key is believed of Consul alone", async () => {
  bed.left("a", "passing");
  bed.agent.services.add("a");
  bed.agent.isStrange = true;
  await bed.start();
  await until(() => bed.report.fault?.includes("the answer is not Consul's") === true);
  await sleep(1500);
  expect([bed.status("a"), bed.agent.told]).toEqual(["passing", []]);
});

test("what the agent refuses stays as it is while its key cannot be read", async () => {
  bed.left("a", "passing");
  bed.agent.services.add("a");
  bed.agent.refuses.set("a", 403);
  bed.agent.put(key("a"), definition("a", { tags: ["v2"] }));
  await bed.start();
  await until(() => bed.report.refusals.length === 1);
  bed.agent.mayRead = false;
  bed.agent.changed();
  await until(() => bed.report.fault?.includes("cannot be confirmed") === true);
  // Longer than it waits before it tries again.
  await sleep(2500);
  expect([bed.status("a"), bed.agent.services.has("a")]).toEqual(["passing", true]);
  expect(bed.agent.told.filter(({ what }) => what === "deregister")).toEqual([]);
  bed.agent.refuses.clear();
  bed.agent.mayRead = true;
  await until(() => bed.journal === "" && bed.report.fault === undefined);
  expect(readFileSync(bed.path("a"), "utf8")).toContain("v2");
});

test("a service that moves to another team is told once, and its old file goes", async () => {
  bed.left("a", "passing");
  bed.agent.services.add("a");
  bed.agent.put("catalog/z/a", definition("a", { meta: { team: "z" } }));
  await bed.start();
  await until(() => existsSync(join(bed.folder, "z.a.json")) && bed.journal === "");
  expect(readdirSync(bed.folder).filter((file) => file.endsWith(".json"))).toEqual(["z.a.json"]);
  expect(bed.agent.told.map(({ what }) => what)).toEqual(["deregister", "register"]);
});

test("what the agent refuses is named, tried again and leaves the earlier definition; the others go through", async () => {
  bed.left("a", "passing");
  bed.agent.services.add("a");
  bed.agent.refuses.set("a", 403);
  bed.agent.put(key("a"), definition("a", { port: 9 }));
  bed.agent.put(key("b"), definition("b", { checks: [] }));
  await bed.start();
  await until(() => bed.agent.registrationsOf("a").length >= 4 && bed.agent.services.has("b"));
  expect(bed.report.refusals).toEqual([{ key: key("a"), reason: "agent refused: 403 (Permission denied)" }]);
  // Deregistered for the new one, the earlier is put back, as it was known.
  expect(bed.agent.registrationsOf("a")[1]?.body).toMatchObject({ port: 8216, checks: [{ status: "passing" }] });
  expect(JSON.parse(readFileSync(bed.path("a"), "utf8")).service.port).toBe(8216);
  bed.agent.refuses.clear();
  await until(() => bed.report.fault === undefined && bed.journal === "");
  expect(JSON.parse(readFileSync(bed.path("a"), "utf8")).service.port).toBe(9);
});

test("statuses go into the files as the agent has them, and no others", async () => {
  bed.agent.put(key("a"), definition("a"));
  await bed.start();
  await until(() => bed.agent.checks.has("a:http"));
  bed.agent.check("a:http", "passing");
  await until(() => isCarried("a") && bed.status("a") === "passing");
  bed.agent.check("a:http", "warning");
  await until(() => bed.status("a") === "warning");
  expect(bed.journal).toBe("");
});

test("what the agent has lost is registered again, as critical", async () => {
  bed.left("a", "passing");
  bed.left("b", "passing", { checks: [] });
  for (const id of ["a", "b"]) bed.agent.put(key(id), { ...definition(id), ...(id === "b" ? { checks: [] } : {}) });
  await bed.start();
  await until(() => bed.agent.services.size === 2 && bed.journal === "");
  expect(bed.status("a")).toBe("critical");
  expect(bed.log.filter((line) => line.startsWith("registered")).toSorted()).toEqual([
    "registered a (again)",
    "registered b (again)",
  ]);
  // It was there before: nothing of it is hurried.
  expect(bed.agent.registrationsOf("a")[0]?.body).toMatchObject({ checks: [{ interval: "10s", status: "critical" }] });
});

test("what the agent took just before it went away it is told again: it may have begun with the earlier file", async () => {
  bed.agent.put(key("a"), definition("a", { checks: [] }));
  await bed.start();
  await until(() => bed.agent.services.has("a") && bed.journal === "");
  bed.agent.isAway = true;
  bed.agent.changed();
  await until(() => bed.report.fault !== undefined);
  bed.agent.isAway = false;
  await until(() => bed.agent.registrationsOf("a").length > 1 && bed.journal === "");
  expect(bed.log).toEqual(expect.arrayContaining(["registered a (new)", "registered a (again)"]));
});

describe("a new service", () => {
  test("is checked at once: every second until there is a first result, then as it is declared", async () => {
    bed.agent.put(key("a"), definition("a"));
    await bed.start();
    await until(() => bed.agent.checks.get("a:http")?.interval === "1s");
    // Whatever happens now, the agent's next start and the registrar's are those of the declared interval.
    await until(() => bed.status("a") !== undefined);
    expect(readFileSync(bed.path("a"), "utf8")).toContain('"interval":"10s"');
    expect(bed.journal).toBe("+\tt.a\tnew\n");
    bed.agent.check("a:http", "critical", "connection refused");
    await until(() => isCarried("a"));
    expect(bed.agent.checks.get("a:http")?.interval).toBe("10s");
    expect(bed.agent.registrationsOf("a")).toHaveLength(2);
    expect(bed.log.filter((line) => line.startsWith("registered"))).toEqual(["registered a (new)"]);
  });

  test("keeps the result that it has got by then", async () => {
    bed.agent.put(key("a"), definition("a"));
    await bed.start();
    await until(() => bed.agent.checks.has("a:http"));
    bed.agent.check("a:http", "passing");
    await until(() => isCarried("a") && bed.status("a") === "passing");
    expect(bed.agent.checks.get("a:http")).toMatchObject({ Status: "passing", interval: "10s" });
  });

  test("beyond a hundred has the agent's own spread", async () => {
    for (let n = 0; n < 150; n++) bed.agent.put(key(`n${n}`), definition(`n${n}`));
    await bed.start();
    await until(() => bed.agent.services.size === 150);
    const hurried = [...bed.agent.checks.values()].filter(({ interval }) => interval === "1s");
    expect(hurried).toHaveLength(100);
  });
});

test("10,000 keys and a value of 512 KB: what is good is carried, the rest is refused with key and reason", async () => {
  for (let n = 0; n < 10_000; n++) bed.agent.kv.set(key(`n${n}`), "{");
  bed.agent.kv.set(key("large"), "x".repeat(512 * 1024));
  bed.agent.put(key("good"), definition("good"));
  await bed.start();
  await until(() => bed.agent.services.has("good"));
  expect(bed.report.refusals).toHaveLength(10_001);
  expect(bed.report.refusals).toContainEqual({ key: key("large"), reason: "value: longer than 16384 bytes" });
  expect(bed.report.metrics()).toContain("rollcall_registrar_declared 10002\n");
});

test("a file that the agent could not load is taken away at once, and its service told again; others' files stay", async () => {
  writeFileSync(bed.path("a"), "");
  writeFileSync(join(bed.folder, "foreign.json"), "{}");
  bed.agent.put(key("a"), definition("a"));
  await bed.start();
  await until(() => bed.journal === "" && bed.status("a") !== undefined);
  expect(bed.agent.told.map(({ what }) => what)).toEqual(["deregister", "register"]);
  expect(existsSync(join(bed.folder, "foreign.json"))).toBe(true);
});

function writeJournal(text: string): void {
  mkdirSync(join(bed.folder, ".registrar"), { recursive: true });
  writeFileSync(join(bed.folder, ".registrar", "untold"), text);
}
