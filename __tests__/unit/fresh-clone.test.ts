import { freePorts, isFree } from "../../ops/fresh-clone";

test("ports that are asked for together are all different, and free", async () => {
  const ports = await freePorts(500);
  expect(new Set(ports).size).toBe(500);
  expect(await isFree(ports[0] ?? 0)).toBe(true);
});
