const { readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");
const { extract, parse } = require("jest-docblock");
const endToEnd = require("./jest.e2e.config");

const FOLDER = join(__dirname, "__tests__", "chaos");

/** Whether a file declares a variable that it needs (`@asks`, docs/reliability.md), and that is not set. */
function isLeftOut(file) {
  const { asks } = parse(extract(readFileSync(join(FOLDER, file), "utf8")));
  if (asks === undefined) return false;
  const [name, value] = asks.split("=");
  return value === undefined ? !process.env[name] : process.env[name] !== value;
}

/** @type {import("jest").Config} */
module.exports = {
  ...endToEnd,
  testMatch: ["<rootDir>/__tests__/chaos/**/*.test.ts"],
  // What they measure under load must not come from a neighbour.
  maxWorkers: 1,
  testPathIgnorePatterns: readdirSync(FOLDER).filter((file) => file.endsWith(".test.ts") && isLeftOut(file)),
};
