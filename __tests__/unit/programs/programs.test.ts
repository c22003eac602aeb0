import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bundleProgram, PROGRAMS } from "../../../lib/docker/bundle.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-programs-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("every folder of `programs` is a program", () => {
  expect(readdirSync("programs").sort()).toEqual([...PROGRAMS].sort());
});

describe.each(PROGRAMS)("the program %s", (name) => {
  test("is one file of at most 200 kB, for it lies in Terraform's state", () => {
    expect(Buffer.byteLength(bundleProgram(name))).toBeLessThanOrEqual(200_000);
  });

  test("names nothing of the machine that made it, and needs nothing but Node", () => {
    expect(bundleProgram(name)).not.toContain(resolve("."));
    const needed = [...bundleProgram(name).matchAll(/(?<![-\w])(?:from|import)\s?"([^"]+)"/g)].map(
      ([, module = ""]) => module,
    );
    expect(needed.length).toBeGreaterThan(0);
    expect(needed.filter((module) => !builtinModules.includes(module.replace(/^node:/, "")))).toEqual([]);
  });

  test("ends without its settings, and says how it is started", () => {
    const file = join(folder, `${name}.mjs`);
    writeFileSync(file, bundleProgram(name));
    const { status, stderr } = spawnSync(process.execPath, [file], { encoding: "utf8", env: {} });
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/^usage: .*node \w+\.mjs.*\n$/) });
  });
});
