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
  setupFilesAfterEnv: ["<rootDir>/__tests__/e2e/support/each-file.ts"],
  testSequencer: "<rootDir>/__tests__/e2e/support/longest-first.js",
  // Two platforms side by side, a worker each: most of the time is waiting. A platform that was kept is one alone.
  maxWorkers: process.env.ROLLCALL_TEST_PLATFORM ? 1 : 2,
};
