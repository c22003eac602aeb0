import type { Service } from "../../../../lib/catalog/types.js";
import { partsOf } from "../../../../ops/platform/parts.js";
import { logOptions } from "../../../../ops/verbs/logs/log-options.js";
import { targetOf } from "../../../../ops/verbs/logs/log-target.js";
import { describeChecks } from "../../../../ops/verbs/logs.js";

const settings = { datacenter: "dc1", servers: 3, controlSubnet: "10.0.0.0/24", coexist: false };
const parts = partsOf(
  { ...settings, backupEverySeconds: undefined, monitor: false, monitoring: false, prefix: "", instance: "x" },
  [],
  [],
);
const http = { kind: "http", path: "/health", method: "GET", interval: "10s", timeout: "5s" } as const;
const service = (name: string, id = name): Service => ({
  ...{ team: "user-platform", name, id, address: `isa-${id}`, port: 8216, tags: [], meta: {} },
  checks: [{ name: "http", check: http }],
  deregisterCriticalServiceAfter: "90s",
});
const services = [service("billing_service"), service("openai", "openai-1"), service("openai", "openai-2")];

test("a part is meant by its short name or by its container's, a service by its name or an instance's id", () => {
  expect(targetOf("gateway", parts, services)).toEqual({ kind: "part", container: "consul-ui" });
  expect(targetOf("consul-server-2", parts, services)).toEqual({ kind: "part", container: "consul-server-2" });
  expect(targetOf("billing_service", parts, services)).toMatchObject({ services: [{ id: "billing_service" }] });
  expect(targetOf("openai", parts, services)).toMatchObject({ services: [{ id: "openai-1" }, { id: "openai-2" }] });
  expect(targetOf("openai-2", parts, services)).toMatchObject({ services: [{ id: "openai-2" }] });
  // A service of a name that means something else here is meant with its team.
  expect(targetOf("user-platform/openai", parts, services)).toMatchObject({
    services: [{ id: "openai-1" }, { id: "openai-2" }],
  });
});

test("a wrong name gets the nearest one proposed", () => {
  const remedyOf = (name: string) => {
    try {
      targetOf(name, parts, services);
    } catch (error) {
      return (error as { remedy: string }).remedy;
    }
    return "";
  };
  expect(remedyOf("registar")).toMatch(/^Did you mean registrar\?/);
  expect(remedyOf("biling_service")).toMatch(/^Did you mean billing_service\?/);
  expect(remedyOf("audti")).toMatch(/^Did you mean audit\?/);
  expect(remedyOf("xyzzy-plugh")).toMatch(/^The parts are server-1, server-2/);
});

test("two hundred lines are shown, or what is asked for", () => {
  expect(logOptions({})).toEqual(["--tail", "200"]);
  expect(logOptions({ since: "1h30m" })).toEqual(["--tail", "all", "--since", "1h30m"]);
  expect(logOptions({ follow: true, tail: "5" })).toEqual(["--follow", "--tail", "5"]);
  expect(() => logOptions({ tail: "many" })).toThrow('--tail is "many"');
  expect(() => logOptions({ since: "2d" })).toThrow('--since is "2d"');
});

test("each check of a service says its state and what it said last", () => {
  const [billing] = services;
  if (billing === undefined) throw new Error("no service");
  const check = { node: "consul-agent-shared", serviceId: "billing_service", status: "critical", type: "http" };
  expect(describeChecks(billing, [{ ...check, output: "connection\nrefused\n" }])).toBe(
    "billing_service: critical, http: connection refused",
  );
  expect(describeChecks(billing, [])).toContain("Consul has no check of it");
  const unchecked: Service = { ...billing, checks: [{ name: "none", check: { kind: "none", reason: "no port" } }] };
  expect(describeChecks(unchecked, [])).toBe("billing_service: nothing checks it, as declared");
});
