// What tests start by tsx reads no compiled code from the temporary folder, where others could have put some.
process.env.TSX_DISABLE_CACHE = "1";

/** What all tests share; the end-to-end ones have a configuration of their own (`jest.e2e.config.js`). */
export const shared = {
  // Jest runs CommonJS, so swc compiles what is tested to that.
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } },
    ],
    "^.+\\.js$": ["@swc/jest", { jsc: { target: "es2022" }, module: { type: "commonjs" } }],
  },
  // Packages that are ES modules alone, which Jest cannot require.
  transformIgnorePatterns: ["/node_modules/(?!(age-encryption|modern-tar|@noble|@scure)/)"],
  resolver: "<rootDir>/jest.resolver.cjs",
  // Not in the temporary folder: its name there is known beforehand, and Jest does not ask whose it is.
  cacheDirectory: "<rootDir>/node_modules/.cache/jest",
  modulePathIgnorePatterns: ["<rootDir>/cdktf.out"],
};

/** @type {import("jest").Config} */
export default {
  ...shared,
  testMatch: [
    "<rootDir>/__tests__/unit/**/*.test.ts",
    "<rootDir>/__tests__/synth/**/*.test.ts",
    "<rootDir>/discovery/__tests__/**/*.test.ts",
  ],
  // Jest leaves a processor for itself, and needs none while the tests run.
  maxWorkers: "100%",
  // Synth of the real application takes seconds on a busy machine.
  testTimeout: 30_000,
};
