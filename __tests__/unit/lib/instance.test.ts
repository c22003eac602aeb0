import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { instanceOf } from "../../../lib/instance.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-instance-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("an instance is named after its clone, with four hex digits of its own", () => {
  expect(instanceOf(join(folder, "rollcall", "state"))).toMatch(/^rollcall-[0-9a-f]{4}$/);
});

test("it is made once and stays", () => {
  const state = join(folder, "rollcall", "state");
  expect(instanceOf(state)).toBe(instanceOf(state));
});

test("a clone that is moved is still the same platform", () => {
  const instance = instanceOf(join(folder, "before", "state"));
  renameSync(join(folder, "before"), join(folder, "after"));
  expect(instanceOf(join(folder, "after", "state"))).toBe(instance);
});

test("two clones of one name are two platforms", () => {
  const names = Array.from({ length: 5 }, (_, index) => instanceOf(join(folder, String(index), "rollcall", "state")));
  expect(new Set(names).size).toBeGreaterThan(1);
});

test("what a label should not hold is left out of the name", () => {
  expect(instanceOf(join(folder, "my clone (2)", "state"))).toMatch(/^my-clone--2--[0-9a-f]{4}$/);
});

test("only the owner can read the state's folder and the name in it", () => {
  const state = join(folder, "rollcall", "state");
  instanceOf(state);
  expect(statSync(state).mode & 0o077).toBe(0);
  expect(statSync(join(state, "instance")).mode & 0o077).toBe(0);
});

test("a name that another process has just made is taken", () => {
  writeFileSync(join(folder, "instance"), "rollcall-beef\n");
  expect(instanceOf(folder)).toBe("rollcall-beef");
  expect(readFileSync(join(folder, "instance"), "utf8")).toBe("rollcall-beef\n");
});

test("a state folder that cannot be read is no new instance but an error", () => {
  mkdirSync(join(folder, "instance"));
  expect(() => instanceOf(folder)).toThrow("EISDIR");
});

test("an empty name is refused: labels made of it would match everything that has none", () => {
  writeFileSync(join(folder, "instance"), "");
  expect(() => instanceOf(folder)).toThrow(`${join(folder, "instance")} is empty`);
});
