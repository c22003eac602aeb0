const endToEnd = require("./jest.e2e.config");

/** Files that need somebody's word first, by the variable that gives it (`docs/reliability.md`). */
const ASKED_FOR = [
  // Restarts the Docker of this machine.
  ["/dockerd\\.test\\.ts$", process.env.ROLLCALL_CHAOS_DOCKERD === "on"],
  // Sets up a platform by another commit.
  ["/upgrade-from\\.test\\.ts$", (process.env.ROLLCALL_TEST_FROM ?? "") !== ""],
];

/** @type {import("jest").Config} */
module.exports = {
  ...endToEnd,
  testMatch: ["<rootDir>/__tests__/chaos/**/*.test.ts"],
  globalSetup: "<rootDir>/__tests__/chaos/global-setup.ts",
  testPathIgnorePatterns: ASKED_FOR.filter(([, isAsked]) => !isAsked).map(([pattern]) => pattern),
};
