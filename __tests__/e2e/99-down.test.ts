/**
 * @needs clone
 * @areas ops/verbs/down.ts ops/docker/containers.ts ops/docker/docker-host.ts
 * @seconds 100
 */
import { existsSync } from "node:fs";
import { Instance } from "./support/instance.js";
import { command, docker, inTime } from "./support/platform.js";

/** What is taken away; the whole platforms of this run are compared with the host's inventory (`global-teardown.ts`). */
let instance: Instance;

/** Volumes that its containers mount, by name or without. */
async function mounted(): Promise<readonly string[]> {
  const ids = await docker("ps", "--all", "--quiet", "--filter", `name=^${instance.prefix}`);
  const format = "{{range .Mounts}}{{if .Name}}{{println .Name}}{{end}}{{end}}";
  const names = await docker("inspect", "--format", format, ...ids.split("\n").filter(Boolean));
  return [...new Set(names.split("\n").filter(Boolean))];
}

beforeAll(async () => {
  instance = await Instance.create(`down${process.pid % 1000}-`);
  await instance.done("up", [], { ROLLCALL_WORKLOADS: "on" });
});

afterAll(() => instance.remove());

describe("npx rollcall down", () => {
  test("leaves no container, volume or network of the platform, unnamed volumes included", async () => {
    const before = await mounted();
    expect(before.length).toBeGreaterThan(2);
    const { code, stderr, seconds } = await instance.down();
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(await instance.made()).toEqual([]);
    for (const volume of before)
      expect(await command("docker", ["volume", "inspect", volume])).toMatchObject({ code: 1 });
    inTime("down", seconds, 40);
  });

  test("forgets the state and every secret in it", () => {
    expect(existsSync(instance.state)).toBe(false);
  });

  test("a second one finds nothing to do", async () => {
    expect(await instance.down()).toMatchObject({ code: 0 });
  });
});
