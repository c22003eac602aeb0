import { shared } from "./jest.config.js";

/** @type {import("jest").Config} */
export default {
  ...shared,
  testMatch: ["<rootDir>/__tests__/e2e/**/*.test.ts"],
  globalSetup: "<rootDir>/__tests__/e2e/support/global-setup.mjs",
  globalTeardown: "<rootDir>/__tests__/e2e/support/global-teardown.mjs",
  setupFilesAfterEnv: ["<rootDir>/__tests__/e2e/support/each-file.ts"],
  testSequencer: "<rootDir>/__tests__/e2e/support/longest-first.js",
  // Two platforms side by side, a worker each: most of the time is waiting. A platform that was kept is one alone.
  maxWorkers: process.env.ROLLCALL_TEST_PLATFORM ? 1 : 2,
};
