import { hostsOf, OUR_HOSTS_ALONE, renderHosts } from "../../../../../lib/consul/gateway/gateway-hosts.js";
import { blockOf, valuesOf } from "../../../../support/nginx-text.js";

const place = { prefix: "two-", network: "two-rollcall-control", hosts: ["consul.example.com"] };

test("it is called by loopback, by what Docker calls it, and by what the operator says", () => {
  expect(hostsOf(place)).toEqual([
    ...["localhost", "127.0.0.1", "[::1]"],
    ...["consul-ui", "consul-ui.two-rollcall-control", "two-consul-ui", "two-consul-ui.two-rollcall-control"],
    "consul.example.com",
  ]);
  const alone = hostsOf({ prefix: "", network: "rollcall-control", hosts: ["localhost"] });
  expect(alone).toEqual(["localhost", "127.0.0.1", "[::1]", "consul-ui", "consul-ui.rollcall-control"]);
});

test("each of them is one, and no other is", () => {
  const named = blockOf(renderHosts(place), "map $host $named_host {");
  for (const host of hostsOf(place)) expect(named).toContain(`    ${host} yes;\n`);
  expect(named.match(/ yes;/g)).toHaveLength(hostsOf(place).length);
  expect(valuesOf(named, "default")).toEqual(['""']);
});

test.each([
  ["172.30.241.128", "172.30.241.128", true],
  ["172.30.241.129", "172.30.241.128", false],
  ["", "", false],
])("the host %s is its own address %s: %s", (host, address, isOwn) => {
  const own = blockOf(renderHosts(place), "$our_host {");
  const [, pattern = ""] = /"~(.*)" yes;/.exec(own) ?? [];
  expect(new RegExp(pattern).test(`${host}|${address}`)).toBe(isOwn);
  expect(valuesOf(own, "default")).toEqual(["$named_host"]);
});

test("who means somebody else is told which setting takes the name", () => {
  expect(OUR_HOSTS_ALONE).toMatch(/return 421 ".*ROLLCALL_HTTP_HOSTS/);
});
