import { synthPlatform } from "./synth-app.js";

const platform = synthPlatform({ ROLLCALL_CATALOG: "service-catalog/examples/ish-chat" });
const keys = Object.values(platform.stacks.registry?.resource.consul_key_prefix ?? {}).flatMap(
  ({ path_prefix, subkeys }) => Object.keys(subkeys as object).map((key) => `${path_prefix}${key}`),
);
const containersOf = (stack: string, of = platform) =>
  Object.values(of.stacks[stack]?.resource.docker_container ?? {}).map(({ name }) => name);

test("an instance with an id of its own has a key below its service's", () => {
  expect(keys).toEqual(
    expect.arrayContaining(["catalog/core/intelligent_router/router-eu", "catalog/support/database"]),
  );
  expect(keys).toHaveLength(13);
});

test("the prober is there where a catalog has a check for it, and only there", () => {
  expect(containersOf("registry")).toEqual(expect.arrayContaining(["consul-prober", "consul-prober-config"]));
  expect(containersOf("registry", synthPlatform())).not.toContain("consul-prober");
});

test("the prober listens on its address in the control plane alone, and publishes no port", () => {
  const prober = Object.values(platform.stacks.registry?.resource.docker_container ?? {}).find(
    ({ name }) => name === "consul-prober",
  );
  expect(prober).toMatchObject({ env: expect.arrayContaining(["PROBER_LISTEN=172.30.241.21"]) });
  expect(prober).not.toHaveProperty("ports.0");
});

test("every host has one stand-in, external ones too", () => {
  const hosts = new Set(platform.catalog.services.map(({ address }) => address));
  expect(containersOf("workloads").toSorted()).toEqual([...hosts].toSorted());
  expect(hosts).toContain("api.openai.com");
});
