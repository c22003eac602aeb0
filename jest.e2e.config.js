const { transform, transformIgnorePatterns, modulePathIgnorePatterns, cacheDirectory } = require("./jest.config");

/** @type {import("jest").Config} */
module.exports = {
  transform,
  transformIgnorePatterns,
  modulePathIgnorePatterns,
  cacheDirectory,
  testMatch: ["<rootDir>/__tests__/e2e/**/*.test.ts"],
  globalSetup: "<rootDir>/__tests__/e2e/support/global-setup.ts",
  globalTeardown: "<rootDir>/__tests__/e2e/support/global-teardown.ts",
  // One platform for the whole run: brought up by 01, taken away by 99.
  testSequencer: "<rootDir>/__tests__/e2e/support/by-name.js",
  maxWorkers: 1,
  // Each wait has a deadline of its own, with a message; this one only ends what hangs.
  testTimeout: 900_000,
};
