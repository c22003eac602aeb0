/**
 * @needs platform
 * @areas lib/catalog service-catalog lib/policies lib/consul/registrar/catalog-in-kv.ts lib/consul/stand-ins/workload.ts
 *   lib/consul/stand-ins/stand-in.ts ops/verbs/synth.ts ops/platform/synthesize.ts
 * @seconds 250
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { applied, CatalogFiles, containers, differing, inClone, type Plan, plan } from "./support/clone.js";
import { untilAllPass } from "./support/cluster.js";
import { apiJson, docker, measured, nameOf, passingServices, platform, rollcall, token } from "./support/platform.js";
import { type Attempt, call, HealthWatch, poll } from "./support/poll.js";

const USERS = "user-services.yaml";
const AIS = "ai-services.yaml";
const BILLING = "billing_service: { port: 8216 }";
const AGENT = "agent_service: { port: 8083, meta: { type: agent } }";
/** From the write into KV to the catalog. */
const LIVE_WITHIN = 5;
/** What Terraform, JSON, awk or a shell could take for something of its own. */
const NOTE =
  "${path.module} %{ if true } $${a} %%{b} \"double\" 'single' \\ \\u0041 $HOME `id` & ; Größe ☃ 🚀\nline 2\ttab";

const TEAM_TAGS = ["v1", "fastapi", "user-microservice", "staging"];

const subkeysSchema = z.object({ subkeys: z.record(z.string(), z.string()) });
const definitionSchema = z.record(z.string(), z.unknown());
const catalog = new CatalogFiles();

/** What the one change of a plan of `registry` does to the services in KV: the fields that differ, by service. */
function servicesChanged({ changes }: Plan): Readonly<Record<string, { before?: unknown; after?: unknown }>> {
  expect(changes.map(({ change }) => change.actions)).toEqual([["update"]]);
  const before = subkeysSchema.parse(changes[0]?.change.before).subkeys;
  const after = subkeysSchema.parse(changes[0]?.change.after).subkeys;
  return Object.fromEntries(
    differing(before, after).map((key) => {
      const [was, is] = [before[key], after[key]].map((text) =>
        text === undefined ? undefined : definitionSchema.parse(JSON.parse(text)),
      );
      if (was === undefined) return [key, { after: "added" }];
      if (is === undefined) return [key, { before: "removed" }];
      const fields = differing(was, is);
      const those = (all: typeof was) => Object.fromEntries(fields.map((field) => [field, all[field]]));
      return [key, { before: those(was), after: those(is) }];
    }),
  );
}

/** What a plan does to which name, as `delete create isa-billing`. */
function planned({ changes }: Plan): readonly string[] {
  const named = z.object({ name: z.string() });
  return changes
    .map(({ change }) => `${change.actions.join(" ")} ${named.parse(change.after ?? change.before).name}`)
    .sort();
}

interface Found {
  readonly ServicePort: number;
  readonly ServiceTags: readonly string[];
  readonly ServiceMeta: Readonly<Record<string, string>>;
}

/** The definitions that the agent would load if it started now. */
async function agentFiles(): Promise<readonly string[]> {
  return (await docker("exec", nameOf("consul-agent-shared"), "ls", "/consul/config/services")).split("\n");
}

function found(service: string): Promise<readonly Found[]> {
  return apiJson<Found[]>(`/v1/catalog/service/${service}`);
}

async function up(): Promise<Readonly<Record<string, string>>> {
  const { code, stderr, seconds } = await rollcall("up");
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  measured("up with an edit of the catalog", seconds, 40);
  const sums = Object.entries(applied(stderr));
  return Object.fromEntries(sums.filter(([, sum]) => sum !== "no change"));
}

/** When something had happened for certain not yet, and when it was seen. */
function turn(attempts: readonly Attempt<string>[], text: string): { readonly notYet: number; readonly seen: number } {
  const first = attempts.findIndex(({ value }) => value?.includes(text));
  const without = attempts.slice(0, first).findLast(({ value }) => value !== undefined);
  return { notYet: without?.begunMs ?? 0, seen: attempts[first]?.endedMs ?? Number.POSITIVE_INFINITY };
}

/** All that an edit could have changed: containers, KV, what Terraform knows. */
async function everything(): Promise<unknown> {
  const state = join(platform().folder, "state");
  return {
    containers: await containers(),
    kv: await call("/v1/kv/catalog/?recurse", { token: await token("management") }),
    state: readdirSync(state).map((file) => [file, readFileSync(join(state, file), "utf8")]),
  };
}

beforeAll(async () => {
  await untilAllPass(30);
});

afterAll(async () => {
  if (catalog.restore()) await rollcall("up");
});

describe("a mistake in the catalog", () => {
  afterAll(() => catalog.restore());

  test("is refused with file, line and column, all at once, and nothing is changed", async () => {
    const before = await everything();
    catalog.edit(USERS, BILLING, "billing_service: { port: 82160 }");
    catalog.edit(USERS, "auth_service: { port: 8202 }", "auth_service: { prot: 8202 }");
    catalog.edit(AIS, AGENT, "agent_service: { port: 8081, address: isa-mcp }");
    const { code, stdout, stderr, seconds } = await rollcall("up");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(
      `service-catalog/${USERS}:${catalog.placeOf(USERS, "82160")}: billing_service.port is 82160`,
    );
    expect(stderr).toContain(
      `service-catalog/${USERS}:${catalog.placeOf(USERS, "prot")}: auth_service.prot is not a field`,
    );
    expect(stderr).toContain("did you mean port?");
    expect(stderr).toMatch(new RegExp(`service-catalog/${AIS}:\\d+:\\d+: agent_service has the address isa-mcp:8081`));
    expect(await everything()).toEqual(before);
    measured("up refuses a mistake in the catalog", seconds, 10);
  });

  test("ends plain synth as well", async () => {
    const { code, stdout, stderr } = await inClone("npx cdktf synth");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(`service-catalog/${USERS}:${catalog.placeOf(USERS, "82160")}:`);
  });
});

describe("one service's tag changed", () => {
  test("plans as that field of that service, in place", async () => {
    catalog.edit(USERS, BILLING, "billing_service: { port: 8216, tags: [invoices] }");
    const { registry } = await plan("registry");
    expect(servicesChanged(registry)).toEqual({
      billing_service: { before: { tags: TEAM_TAGS }, after: { tags: [...TEAM_TAGS, "invoices"] } },
    });
    // What a person reads.
    expect(registry.text).toContain("Plan: 0 to add, 1 to change, 0 to destroy.");
    const marked = [...registry.text.matchAll(/^ *([~+-] .*?),?$/gm)].map(([, line = ""]) => line.replace(/ +/g, " "));
    expect(marked.slice(1)).toEqual([
      expect.stringMatching(/^~ resource "consul_key_prefix"/),
      "~ subkeys = {",
      '~ "billing_service" = jsonencode(',
      "~ {",
      "~ tags = [",
      '+ "invoices"',
    ]);
  });

  test("is live within 5 s of its write, and no service leaves the passing set", async () => {
    const watch = await HealthWatch.start();
    const management = await token("management");
    const written = poll("/v1/kv/catalog/user-platform/billing_service?raw", {
      token: management,
      perSecond: 10,
      atOnce: 1,
    });
    const live = poll("/v1/catalog/service/billing_service", { perSecond: 10, atOnce: 1 });
    expect(await up()).toEqual({ registry: "0 added, 1 changed, 0 destroyed" });
    const { notYet } = turn(await written.stop(), "invoices");
    const { seen } = turn(await live.stop(), "invoices");
    const { left, services, attempts } = await watch.stop();
    expect({ left, services }).toEqual({ left: {}, services: 40 });
    expect(attempts.filter(({ problem }) => problem !== "")).toEqual([]);
    const spent = ((attempts.at(-1)?.endedMs ?? 0) - (attempts[0]?.begunMs ?? 0)) / 1000;
    measured("looks at every service's health", attempts.length / spent, 20, "a second");
    measured("a tag live after its write into KV", (seen - notYet) / 1000, LIVE_WITHIN);
    expect((seen - notYet) / 1000).toBeLessThan(3 * LIVE_WITHIN);
  });
});

describe("one service's port changed", () => {
  test("plans as that service's key and that one container", async () => {
    catalog.edit(USERS, "billing_service: { port: 8216,", "billing_service: { port: 8316,");
    const { registry, workloads } = await plan("registry", "workloads");
    expect(servicesChanged(registry)).toEqual({
      billing_service: {
        before: { port: 8216, checks: [expect.objectContaining({ http: "http://isa-billing:8216/health" })] },
        after: { port: 8316, checks: [expect.objectContaining({ http: "http://isa-billing:8316/health" })] },
      },
    });
    expect(registry.text).toContain("Plan: 0 to add, 1 to change, 0 to destroy.");
    expect(registry.text).toMatch(/~ port += 8216 -> 8316/);
    expect(planned(workloads)).toEqual([`delete create ${nameOf("isa-billing")}`]);
  });

  test("replaces that one container, and the other 39 never leave the passing set", async () => {
    catalog.edit(
      USERS,
      "calendar_service: { port: 8115 }",
      `calendar_service: { port: 8115, meta: { note: ${JSON.stringify(NOTE)} } }`,
    );
    const before = await containers();
    const watch = await HealthWatch.start();
    expect(await up()).toEqual({
      registry: "0 added, 1 changed, 0 destroyed",
      workloads: "1 added, 0 changed, 1 destroyed",
    });
    const { left, services } = await watch.stop();
    expect(services).toBe(40);
    expect(Object.keys(left).filter((service) => service !== "billing_service")).toEqual([]);
    expect(differing(before, await containers())).toEqual([nameOf("isa-billing")]);
    expect((await found("billing_service")).map(({ ServicePort }) => ServicePort)).toEqual([8316]);
    expect(await passingServices()).toContain("billing_service");
  });

  test("what looks like a template, quotes, backslashes, Unicode, line breaks and tabs arrive as written", async () => {
    expect((await found("calendar_service")).map(({ ServiceMeta }) => ServiceMeta.note)).toEqual([NOTE]);
  });
});

describe("one service removed", () => {
  test("plans as exactly what belongs to it", async () => {
    catalog.edit(AIS, `  ${AGENT}\n`, "");
    const plans = await plan("access", "registry", "workloads");
    expect(planned(plans.access)).toEqual(["update rollcall-registration"]);
    expect(servicesChanged(plans.registry)).toEqual({ agent_service: { before: "removed" } });
    expect(planned(plans.workloads)).toEqual([`delete ${nameOf("isa-agent")}`]);
  });

  test("is gone when up ends: from Consul, from the agent's files, its container; no other is touched", async () => {
    const before = await containers();
    const watch = await HealthWatch.start();
    expect(await up()).toEqual({
      access: "0 added, 1 changed, 0 destroyed",
      queries: "0 added, 0 changed, 1 destroyed",
      registry: "0 added, 1 changed, 0 destroyed",
      workloads: "0 added, 0 changed, 1 destroyed",
    });
    expect(await found("agent_service")).toEqual([]);
    expect(await agentFiles()).not.toContain("ai-platform.agent_service.json");
    expect(Object.keys((await watch.stop()).left)).toEqual(["agent_service"]);
    expect(differing(before, await containers())).toEqual([nameOf("isa-agent")]);
  });
});

describe("one service added, and the rest put back", () => {
  test("plans as exactly what belongs to it", async () => {
    catalog.restore(AIS);
    const plans = await plan("access", "registry", "workloads");
    expect(planned(plans.access)).toEqual(["update rollcall-registration"]);
    expect(servicesChanged(plans.registry)).toEqual({ agent_service: { after: "added" } });
    expect(planned(plans.workloads)).toEqual([`create ${nameOf("isa-agent")}`]);
  });

  test("it passes when up ends, and the 40 are as they were", async () => {
    catalog.restore();
    expect(await up()).toEqual({
      access: "0 added, 1 changed, 0 destroyed",
      queries: "1 added, 0 changed, 0 destroyed",
      registry: "0 added, 2 changed, 0 destroyed",
      workloads: "2 added, 0 changed, 1 destroyed",
    });
    expect(await passingServices()).toContain("agent_service");
    expect((await passingServices()).size).toBe(40);
    expect(await agentFiles()).toContain("ai-platform.agent_service.json");
    expect((await found("billing_service")).map(({ ServicePort, ServiceTags }) => [ServicePort, ServiceTags])).toEqual([
      [8216, TEAM_TAGS],
    ]);
    expect(await rollcall("verify")).toMatchObject({ code: 0 });
  });
});
