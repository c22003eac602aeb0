const endToEnd = require("./jest.e2e.config");

/** @type {import("jest").Config} */
module.exports = {
  ...endToEnd,
  testMatch: ["<rootDir>/__tests__/chaos/**/*.test.ts"],
  globalSetup: "<rootDir>/__tests__/chaos/global-setup.ts",
  // Restarts the Docker of this machine: only where somebody says that it may (`docs/reliability.md`).
  testPathIgnorePatterns: process.env.ROLLCALL_CHAOS_DOCKERD === "on" ? [] : ["/dockerd\\.test\\.ts$"],
};
