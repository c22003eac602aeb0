/**
 * @needs platform
 * @areas docs/applications.md lib/consul/agents/agent-config.ts lib/consul/agents/shared-agent.ts lib/consul/registrar/service-queries.ts
 * @seconds 80
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { nameOf, platform } from "./support/platform.js";
import { python, pythonOutput } from "./support/python.js";
import { caCertificate, outputInState } from "./support/state.js";

/** Section "Test Service Discovery" of the second seed, character for character. */
const SNIPPET = `# From any service, test discovery via agent
import consul

c = consul.Consul(host='consul-agent-shared', port=8500)
index, services = c.health.service('billing_service', passing=True)

print(f"Found {len(services)} healthy instances")
for svc in services:
    print(f"  - {svc['Service']['Address']}:{svc['Service']['Port']}")
`;
const FOUND = "Found 1 healthy instances\n  - isa-billing:8216\n";
const onPlatform = { network: "rollcall-platform" } as const;

/** What docs/applications.md gives for copying: the text of its n-th block in this language. */
function documented(language: string, n: number): string {
  const text = readFileSync(join(import.meta.dirname, "..", "..", "docs", "applications.md"), "utf8");
  const block = [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, "gm"))][n - 1]?.[1];
  if (block === undefined) throw new Error(`docs/applications.md has no block ${n} in ${language}`);
  return block;
}

describe("the second seed's Python snippet, in a container on the platform network", () => {
  test("finds billing_service without a token", async () => {
    expect(await pythonOutput(SNIPPET, onPlatform)).toBe(FOUND);
  });

  test("finds it with the discovery token, which python-consul takes from CONSUL_HTTP_TOKEN", async () => {
    const env = { CONSUL_HTTP_TOKEN: outputInState("access", "token-discovery") };
    expect(await pythonOutput(SNIPPET, { ...onPlatform, env })).toBe(FOUND);
  });

  test("is refused with a token that the platform did not give", async () => {
    const env = { CONSUL_HTTP_TOKEN: "11111111-2222-4333-8444-555555555555" };
    const { code, stderr } = await python(SNIPPET, { ...onPlatform, env });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("ACL not found") });
  });
});

describe("what docs/applications.md says", () => {
  test("the address that it finds answers, from the application's container", async () => {
    expect(await pythonOutput(documented("python", 1), onPlatform)).toMatch(/^isa-billing:8216 .*healthy/);
  });

  test("over TLS the agent is known by the platform's CA", async () => {
    const env = { ROLLCALL_CA: caCertificate(), CONSUL_HTTP_TOKEN: outputInState("access", "token-discovery") };
    expect(await pythonOutput(documented("python", 2), { ...onPlatform, env })).toBe(FOUND);
  });

  test("an application that still registers itself is refused", async () => {
    const program = `
import consul
try:
    consul.Consul(host='consul-agent-shared', port=8500).agent.service.register('billing_service', port=8216)
except consul.ACLPermissionDenied as error:
    print("refused:", error)
`;
    expect(await pythonOutput(program, onPlatform)).toMatch(/^refused: .*service:write.*billing_service/);
  });

  test("an application does not reach the servers, only the agent", async () => {
    const program = `
import socket
for host in ("staging-consul", "consul-server-1", "consul-ui"):
    try:
        socket.getaddrinfo(host, 8501)
        print(host)
    except socket.gaierror:
        pass
`;
    expect(await pythonOutput(program, onPlatform)).toBe("");
  });

  test("the networks are named as it says", () => {
    expect(documented("sh", 1)).toContain("--network rollcall-platform");
    expect(nameOf("rollcall-platform")).toBe(`${platform().prefix}rollcall-platform`);
  });
});
