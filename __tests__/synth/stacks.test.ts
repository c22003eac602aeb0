import { isAbsolute, join } from "node:path";
import { addressesOf, stackOf, synthPlatform } from "./synth-app.js";

const platform = synthPlatform();
const { settings } = platform;
const stacks = Object.entries(platform.stacks);

/** The resources of a stack whose loss would lose data, addresses or secrets. */
function statefulOf(stack: string): readonly string[] {
  const stateful = /^(docker_network|docker_volume|consul_key_prefix|consul_acl_token|random_bytes|tls_private_key)\./;
  return addressesOf(stackOf(platform, stack)).filter((address) => stateful.test(address));
}

test("each server is a stack of its own, and they are applied one after the other", () => {
  const order = Object.fromEntries(stacks.map(([name, { dependencies }]) => [name, [...dependencies].sort()]));
  expect(order).toEqual({
    foundation: [],
    "server-1": ["foundation"],
    "server-2": ["foundation", "server-1"],
    "server-3": ["foundation", "server-2"],
    gateway: ["foundation", "server-1", "server-2", "server-3"],
    access: ["foundation", "gateway"],
    queries: ["foundation", "gateway"],
    registry: ["access", "foundation"],
    monitor: ["access", "foundation", "registry"],
    monitoring: ["monitor"],
    workloads: ["foundation"],
  });
});

test("every server stack holds one server that runs", () => {
  for (const number of [1, 2, 3])
    expect(addressesOf(stackOf(platform, `server-${number}`))).toEqual([
      "docker_container.server_Config_5B9C31E3",
      "docker_container.server_Secrets_2673F287",
      "docker_container.server_Server_1DED90AD",
      "docker_container.server_Tokens_85D661CF",
      "docker_image.consul-image",
      "docker_volume.server_Config_Volume_FE237C49",
      "docker_volume.server_Data_7BAA5C32",
      "docker_volume.server_Secrets_Volume_F0CEC23C",
      "docker_volume.server_Tokens_Volume_7F2E6D62",
    ]);
});

// A new address here replaces the resource: what it holds is gone. `moveTo` and `moveFromId` avoid that.
test("the addresses of what must not be replaced stay as they are", () => {
  expect(statefulOf("foundation")).toEqual([
    "docker_network.control_0499F299",
    "docker_network.platform_6D260A32",
    "random_bytes.gossip-key",
    "random_bytes.gossip-key-next",
    "random_bytes.management-token",
    "random_bytes.management-token-next",
    "tls_private_key.ca_Key_C540A92D",
    "tls_private_key.ca_Next_Key_0DD5E9FF",
    "tls_private_key.ca_consul-agent-shared_Key_7443403E",
    "tls_private_key.ca_consul-monitor_Key_635B3567",
    "tls_private_key.ca_consul-server-1_Key_3B304937",
    "tls_private_key.ca_consul-server-2_Key_02306113",
    "tls_private_key.ca_consul-server-3_Key_1C5C37CD",
    "tls_private_key.ca_consul-ui_Key_33258EDA",
  ]);
  expect(statefulOf("gateway")).toEqual([
    "docker_volume.gateway_Audit_7308C0F1",
    "docker_volume.gateway_Config_Volume_CE5039CA",
    "docker_volume.gateway_Secrets_Volume_541261AD",
    "docker_volume.gateway_Servers_Volume_4AD19BCB",
  ]);
  expect(statefulOf("access")).toEqual([
    "consul_acl_token.agent_Token_D924D1B5",
    "consul_acl_token.discovery_Token_708B5C04",
    "consul_acl_token.dynamic_Token_A28BC419",
    "consul_acl_token.heartbeat_Token_03937BB2",
    "consul_acl_token.metrics_Token_77F36C83",
    "consul_acl_token.monitor_Token_6506C384",
    "consul_acl_token.operator_Token_490CB820",
    "consul_acl_token.registrar_Token_41B83260",
    "consul_acl_token.registration_Token_90AE8F5F",
  ]);
  expect(statefulOf("registry")).toEqual([
    "consul_key_prefix.catalog_ai-platform_9051E5B1",
    "consul_key_prefix.catalog_infrastructure_18A1726A",
    "consul_key_prefix.catalog_user-platform_BB09940F",
    "docker_volume.agent_Audit_FA08AA29",
    "docker_volume.agent_Config_Volume_27294765",
    "docker_volume.agent_Data_F17C703F",
    "docker_volume.agent_Definitions_47A6AE38",
    "docker_volume.agent_Programs_Volume_A229AF32",
    "docker_volume.agent_Secrets_Volume_73FB328B",
    "docker_volume.registrar_Config_Volume_247AD087",
    "docker_volume.registrar_Secrets_Volume_213DF9F0",
  ]);
  expect(statefulOf("monitor")).toEqual([
    "docker_volume.monitor_Config_Volume_24975A50",
    "docker_volume.monitor_History_DFE35BD2",
    "docker_volume.monitor_Secrets_Volume_09E37322",
  ]);
  expect(statefulOf("workloads")).toEqual([]);
});

test.each(stacks)("no two resources of %s became one", (_name, stack) => {
  const written = [stack.resource, stack.data]
    .flatMap((kind) => Object.entries(kind))
    // cdktf adds these itself, for what crosses stacks.
    .filter(([type]) => type !== "terraform_remote_state")
    .reduce((sum, [, blocks]) => sum + Object.keys(blocks).length, 0);
  expect(written).toBe(stack.made);
});

test("the Docker provider is pinned to 4.5.0, for the plan of 3.6.2 deletes a stopped container", () => {
  const versions = stacks.flatMap(([, stack]) => stack.terraform.required_providers.docker ?? []);
  expect(versions).toEqual(Array(9).fill({ source: "kreuzwerker/docker", version: "4.5.0" }));
});

test("every provider is pinned to one version and configured once a stack", () => {
  for (const [, stack] of stacks) {
    for (const { version } of Object.values(stack.terraform.required_providers))
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    for (const configurations of Object.values(stack.provider)) expect(configurations).toHaveLength(1);
    expect(Object.keys(stack.provider).sort()).toEqual(Object.keys(stack.terraform.required_providers).sort());
  }
});

test.each(stacks)("the state of %s lies in the state folder, at a relative path", (name, stack) => {
  const path = stack.terraform.backend.local?.path ?? "";
  expect(isAbsolute(path)).toBe(false);
  expect(join(settings.outdir, "stacks", name, path)).toBe(join(settings.stateFolder, `${name}.tfstate`));
});

test("a stack finds what it needs of another by the same relative path", () => {
  for (const [name, stack] of stacks) {
    const remote = Object.values(stack.data.terraform_remote_state ?? {}).map(({ config }) => config);
    for (const config of remote)
      expect(config).toEqual({ path: expect.stringMatching(/^(\.\.\/){3}state\/[a-z0-9-]+\.tfstate$/) });
    expect([name, remote.length > 0]).toEqual([name, !["foundation", "monitoring", "workloads"].includes(name)]);
  }
});

test("no path of this machine is in what is synthesized", () => {
  for (const [, { text }] of stacks) expect(text).not.toContain(process.cwd());
});

test("Terraform talks to Consul through the gateway, over TLS that it verifies", () => {
  for (const name of ["access", "registry"])
    expect(stackOf(platform, name).provider.consul).toEqual([
      {
        address: "127.0.0.1:8501",
        scheme: "https",
        datacenter: "dc1",
        ca_pem: expect.stringMatching(/^\$\{data\.terraform_remote_state\..*self_signed_cert.*cert_pem\}$/),
        token: expect.stringMatching(/^\$\{sensitive\(data\.terraform_remote_state\..*management-token-uuid\)\}$/),
      },
    ]);
});
