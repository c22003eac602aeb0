/**
 * @needs platform
 * @areas ops/main.ts ops/tsx.mjs ops/platform/bring-up.ts ops/terraform/apply-all.ts ops/platform/apply-platform.ts ops/run.mjs ops/cli/packages.cjs
 *   ops/verbs/verify.ts ops/platform/live.ts ops/report/compare.ts ops/report/standings.ts ops/report/up-report.ts ops/platform/tools.ts ops/docker/require-docker.ts ops/terraform/terraform.ts
 *   provision stacks main.ts package.json package-lock.json cdktf.json lib/settings.ts lib/settings
 *   lib/platform-names.ts lib/consul/cluster.ts
 * @seconds 80
 */
import { api, apiJson, docker, inTime, measured, nameOf, platform, rollcall } from "./support/platform.js";
import { platformUp } from "./support/platform-up.js";

describe("npx rollcall up on a fresh clone", () => {
  test("ends with all 40 services passing, a table of teams and the addresses to open", async () => {
    const { stdout, seconds } = await platformUp();
    expect(stdout).toMatch(/ai-platform +3 of +3 +passing/);
    expect(stdout).toMatch(/infrastructure +9 of +9 +passing/);
    expect(stdout).toMatch(/user-platform +28 of +28 +passing/);
    expect(stdout).toContain(`http://localhost:${platform().httpPort}/ui/dc1/services`);
    measured("up, npm packages included", seconds, 120);
  });

  test("a second one changes nothing", async () => {
    const { code, stdout, seconds } = await rollcall("up");
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("Nothing changed") });
    inTime("up without a change", seconds, 40);
  });

  test("verify agrees", async () => {
    expect(await rollcall("verify")).toMatchObject({ code: 0 });
  });
});

describe("the second seed's verification commands", () => {
  test("consul members shows three servers and the agent alive", async () => {
    const members = (await docker("exec", nameOf("consul-agent-shared"), "consul", "members"))
      .trim()
      .split("\n")
      .slice(1);
    expect(
      members.map((line) => line.split(/\s+/).slice(0, 4)).map(([name, , state, kind]) => [name, state, kind]),
    ).toEqual([
      ["consul-server-1", "alive", "server"],
      ["consul-server-2", "alive", "server"],
      ["consul-server-3", "alive", "server"],
      ["consul-agent-shared", "alive", "client"],
    ]);
  });

  test("consul catalog services lists the 40 and consul", async () => {
    const text = await docker("exec", nameOf("consul-agent-shared"), "consul", "catalog", "services");
    expect(text.trim().split("\n")).toHaveLength(41);
    const tags = await docker("exec", nameOf("consul-agent-shared"), "consul", "catalog", "services", "-tags");
    expect(tags).toMatch(/billing_service +fastapi,staging,user-microservice,v1/);
  });

  test("the catalog through the gateway has the 40 and consul", async () => {
    const services = await apiJson<Record<string, string[]>>("/v1/catalog/services");
    expect(Object.keys(services)).toHaveLength(41);
    expect(services).toHaveProperty("consul");
  });

  test("billing_service has one passing instance at isa-billing:8216", async () => {
    const found = await apiJson<{ Service: { Address: string; Port: number } }[]>(
      "/v1/health/service/billing_service?passing=true",
    );
    expect(found.map(({ Service }) => [Service.Address, Service.Port])).toEqual([["isa-billing", 8216]]);
  });

  test("account_service shows its checks", async () => {
    const [found] = await apiJson<{ Checks: { Name: string }[] }[]>("/v1/health/service/account_service");
    expect(found?.Checks.map(({ Name }) => Name).sort()).toEqual(["HTTP GET /health", "Serf Health Status"]);
  });

  test("no check is critical", async () => {
    expect(await api("/v1/health/state/critical")).toEqual({ status: 200, body: "[]" });
  });
});
