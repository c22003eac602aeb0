import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { extract, parse } from "jest-docblock";
import endToEnd from "./jest.e2e.config.js";

const FOLDER = join(import.meta.dirname, "__tests__", "chaos");

/** Whether a file declares a variable that it needs (`@asks`, docs/reliability.md), and that is not set. */
function isLeftOut(file) {
  const { asks } = parse(extract(readFileSync(join(FOLDER, file), "utf8")));
  if (asks === undefined) return false;
  const [name, value] = asks.split("=");
  return value === undefined ? !process.env[name] : process.env[name] !== value;
}

/** @type {import("jest").Config} */
export default {
  ...endToEnd,
  testMatch: ["<rootDir>/__tests__/chaos/**/*.test.ts"],
  // What they measure under load must not come from a neighbour.
  maxWorkers: 1,
  testPathIgnorePatterns: readdirSync(FOLDER).filter((file) => file.endsWith(".test.ts") && isLeftOut(file)),
};
