import { placeBeside } from "../../../dev/fresh-clone.js";
import { freePorts, isFree } from "../../../ops/platform/free-ports.js";

test("ports that are asked for together are all different, and free", async () => {
  const ports = await freePorts(500);
  expect(new Set(ports).size).toBe(500);
  expect(await isFree(ports[0] ?? 0)).toBe(true);
});

test("a platform of a test stands beside others under a name and in subnets that none of them has", () => {
  const first = placeBeside(["consul-server-1"]);
  const second = placeBeside(["consul-server-1", "test-consul-server-1"]);
  expect([first.prefix, second.prefix]).toEqual(["test-", "test2-"]);
  const subnets = [first, second].flatMap(({ controlSubnet, platformSubnet }) => [controlSubnet, platformSubnet]);
  expect(new Set(subnets).size).toBe(4);
});

test("fails: on a host with a platform under each of the names", () => {
  const all = ["test-a", "test2-a", "test3-a", "test4-a", "test5-a", "test6-a"];
  expect(() => placeBeside(all)).toThrow("Too many platforms");
});
