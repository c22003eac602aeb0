import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { kvKey, renderDefinition } from "../../lib/catalog/definition.js";
import { containersOf } from "./containers.js";
import { type Platform, resourcesOf, stackOf, synthPlatform } from "./synth-app.js";

const keyPrefix = z.object({ path_prefix: z.string(), subkeys: z.record(z.string(), z.string()) });
const platform = synthPlatform();
const { catalog } = platform;

/** Key in Consul KV → value, as the file for Terraform has it. */
function keysOf(synthesized: Platform): Readonly<Record<string, string>> {
  const prefixes = Object.values(resourcesOf(stackOf(synthesized, "registry"), "consul_key_prefix"));
  return Object.fromEntries(
    prefixes
      .map((resource) => keyPrefix.parse(resource))
      .flatMap(({ path_prefix, subkeys }) => Object.entries(subkeys).map(([key, text]) => [path_prefix + key, text])),
  );
}

/** Synthesizes one service with these entries in its YAML. */
function synthService(entries: string): Platform {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-catalog-"));
  try {
    writeFileSync(
      join(folder, "a-services.yaml"),
      `team: a\nservices:\n  odd_service:\n    address: isa-odd\n    port: 8080\n    check: { kind: tcp, interval: 30s, timeout: 3s }\n${entries}`,
    );
    return synthPlatform({ ROLLCALL_CATALOG: folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("every service of the catalog is one key in its team's prefix", () => {
  const keys = keysOf(platform);
  expect(Object.keys(keys).sort()).toEqual(catalog.services.map(kvKey).sort());
  expect(Object.keys(keys)).toHaveLength(40);
});

test("each value is the definition of the service that its key names", () => {
  const keys = keysOf(platform);
  for (const service of catalog.services)
    expect(JSON.parse(keys[kvKey(service)] ?? "")).toEqual(renderDefinition(service));
});

test("one prefix a team, and each ends with a slash, so that no team reaches into another's", () => {
  const prefixes = Object.values(resourcesOf(stackOf(platform, "registry"), "consul_key_prefix"));
  expect(prefixes.map(({ path_prefix }) => path_prefix).sort()).toEqual([
    "catalog/ai-platform/",
    "catalog/infrastructure/",
    "catalog/user-platform/",
  ]);
});

test("no value is written before the registrar's program is in place, which ends the one before it; nothing waits for health", () => {
  const { docker_container: containers = {}, consul_key_prefix: prefixes = {} } = stackOf(
    platform,
    "registry",
  ).resource;
  const addressOf = (name: string) => {
    const [id] = Object.entries(containers).find(([, container]) => container.name === name) ?? [];
    return `docker_container.${id}`;
  };
  const program = addressOf("consul-registrar-config");
  for (const prefix of Object.values(prefixes)) expect(prefix.depends_on).toEqual([program]);
  const registrar = Object.values(containers).find(({ name }) => name === "consul-registrar");
  expect(registrar?.lifecycle).toMatchObject({ replace_triggered_by: [program] });
  // No way round: nothing that the registrar stands on waits for what is in KV.
  expect(JSON.stringify(containers)).not.toContain("consul_key_prefix");
});

test("what looks like a template in the catalog reaches Terraform escaped", () => {
  const value = keysOf(synthService('    meta: { greeting: "${HOME} %{ if x } $${y}" }\n'))["catalog/a/odd_service"];
  expect(value).toContain('"greeting":"$${HOME} %%{ if x } $$${y}"');
  expect(value).not.toMatch(/[^$]\$\{|[^%]%\{/);
});

test("the right to register follows the catalog", () => {
  const policies = Object.values(resourcesOf(stackOf(synthService(""), "access"), "consul_acl_policy"));
  expect(policies.find(({ name }) => name === "rollcall-registration")?.rules).toBe(
    'service "odd_service" { policy = "write" }',
  );
});

test("there is a workload for each of the 40 services, at the name and on the port that is declared", () => {
  const workloads = containersOf(stackOf(platform, "workloads"), "workloads");
  expect(workloads).toHaveLength(40);
  for (const { address, port } of catalog.services) {
    const workload = workloads.find(({ name }) => name === address);
    expect(workload?.networks_advanced).toEqual([{ name: "rollcall-platform", aliases: [address] }]);
    expect(workload?.env.join()).toContain(`listen ${port};`);
  }
});

test("name and port are all that two workloads differ in", () => {
  const alike = containersOf(stackOf(platform, "workloads"), "workloads").map((workload) =>
    JSON.stringify({ ...workload, address: "" })
      .replaceAll(workload.name, "NAME")
      .replace(/listen \d+/, "listen PORT"),
  );
  expect(new Set(alike).size).toBe(1);
});

test("a service may be called as something of its stack is", () => {
  const synthesized = synthService(
    "  two_service: { port: 1, address: nginx-image, check: { kind: tcp, interval: 30s, timeout: 3s } }\n",
  );
  expect(containersOf(stackOf(synthesized, "workloads"), "workloads").map(({ name }) => name)).toEqual([
    "isa-odd",
    "nginx-image",
  ]);
});

test("what has an IP address gets no stand-in: it stands elsewhere", () => {
  const synthesized = synthService(
    "  two_service: { port: 1, address: 10.0.0.1, check: { kind: tcp, interval: 30s, timeout: 3s } }\n",
  );
  expect(containersOf(stackOf(synthesized, "workloads"), "workloads").map(({ name }) => name)).toEqual(["isa-odd"]);
});
