/**
 * @needs platform
 * @areas docs/operations.md ops/platform/places ops/verbs/audit.ts
 * @seconds 220
 * @command test:all
 */
import { inClone } from "./support/clone.js";
import { docker, nameOf, rollcall, token, until } from "./support/platform.js";
import { call } from "./support/poll.js";
import { untilWell, wrongIn } from "./support/well.js";

/** A service that is registered twice. */
const SERVICE = "weather_service";

beforeAll(() => untilWell("all is well before", 40));
afterAll(async () => {
  await docker("start", nameOf("consul-agent-shared"));
  await untilWell("all is well after", 60);
});

describe("the seed's troubleshooting", () => {
  test("agent not starting: status names it, up puts it back", async () => {
    await docker("rm", "--force", nameOf("consul-agent-shared"));
    const ended = await rollcall("status");
    expect(wrongIn(ended)).toContain(`agent is missing: there is no container ${nameOf("consul-agent-shared")}`);
    expect(await rollcall("logs", ["agent"])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("`npx rollcall up`"),
    });
    const doctor = await rollcall("doctor");
    expect(wrongIn(doctor)).toContain(`${nameOf("consul-agent-shared")} is gone`);
    const { code, stdout } = await rollcall("up");
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("1 of 11 stacks changed") });
    await untilWell("all is well with the agent rebuilt", 40);
  });

  test("agent can't join: doctor gives the command that connects it, and that mends it", async () => {
    const network = nameOf("rollcall-control");
    await docker("network", "disconnect", network, nameOf("consul-agent-shared"));
    await until("the agent is unhealthy", 40, async () => {
      const health = await docker("inspect", "--format", "{{.State.Health.Status}}", nameOf("consul-agent-shared"));
      return health.trim() === "unhealthy";
    });
    expect(wrongIn(await rollcall("status"))).toContainEqual(expect.stringMatching(/^agent /));
    const ended = await rollcall("doctor");
    expect(wrongIn(ended)).toContain(`${nameOf("consul-agent-shared")} is cut off from ${network}`);
    const remedy = /`docker (network connect [^`]+)`/.exec(ended.stdout)?.[1] ?? "";
    await docker(...remedy.split(" "));
    await untilWell("all is well with the agent connected", 40);
  });

  test("services not registered: status tells which value the registrar refuses, and why", async () => {
    const management = await token("management");
    const key = "/v1/kv/catalog/user-platform/bogus";
    await call(key, { method: "PUT", token: management, body: '{"name": "another"}' });
    try {
      const ended = await until("status tells of the refused value", 20, async () => {
        const found = await rollcall("status");
        return found.stdout.includes("1 refused") && found;
      });
      expect(wrongIn(ended)).toContainEqual(
        expect.stringMatching(/^the registrar refuses catalog\/user-platform\/bogus: ./),
      );
    } finally {
      await call(key, { method: "DELETE", token: management });
    }
    await untilWell("all is well with the value gone", 30);
  });

  test("duplicate registrations: doctor finds the service twice, audit has the command", async () => {
    const management = await token("management");
    const body = JSON.stringify({
      ...{ Node: "elsewhere", Address: "10.9.9.9", SkipNodeUpdate: false },
      Service: { ID: "weather-self", Service: SERVICE, Address: "10.9.9.9", Port: 8221 },
    });
    await call("/v1/catalog/register", { method: "PUT", token: management, body });
    try {
      const ended = await rollcall("doctor");
      expect(wrongIn(ended)).toContainEqual(
        expect.stringMatching(new RegExp(`^${SERVICE} is there twice: .*elsewhere`)),
      );
      expect(ended.stdout).toContain("npx rollcall catalog audit");
      const { stdout } = await rollcall("catalog", ["audit"]);
      expect(stdout).toContain("weather-self");
      const commands = stdout.split("\n").filter((line) => line.startsWith("  "));
      expect(commands).toHaveLength(1);
      expect(await inClone(commands[0] ?? "")).toMatchObject({ code: 0 });
      await untilWell("all is well with the duplicate gone", 20);
    } finally {
      const gone = JSON.stringify({ Node: "elsewhere" });
      await call("/v1/catalog/deregister", { method: "PUT", token: management, body: gone });
    }
  });
});
