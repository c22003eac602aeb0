import { mebibytes } from "../../../bench/memory.js";

test.each([
  ["37.55MiB", 37.55],
  ["1.5GiB", 1536],
  ["512KiB", 0.5],
  ["0B", 0],
])("docker's %s is %d MiB", (text, value) => {
  expect(mebibytes(text)).toBe(value);
});

test("what docker never prints is an error, not nothing", () => {
  expect(() => mebibytes("--")).toThrow('docker stats printed "--"');
});
