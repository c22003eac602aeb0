import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");
const PACKAGE = join(ROOT, "discovery");

let app: string;

/** An application that has installed the package: its manifest and what `npm pack` would take of the build. */
beforeAll(() => {
  app = mkdtempSync(join(tmpdir(), "discovery-package-"));
  const installed = join(app, "node_modules", "@rollcall", "discovery");
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, "package.json"), readFileSync(join(PACKAGE, "package.json")));
  execFileSync(process.execPath, [join(PACKAGE, "build.mjs"), join(installed, "dist")], { cwd: ROOT });
  mkdirSync(join(app, "node_modules", "@types"));
  symlinkSync(join(ROOT, "node_modules/@types/node"), join(app, "node_modules/@types/node"));
});
afterAll(() => rmSync(app, { recursive: true, force: true }));

const USE = "seeded(7).below(9) === seeded(7).below(9) ? 'works' : 'fails'";

test("the package loads as an ECMAScript module", () => {
  writeFileSync(join(app, "app.mjs"), `import { seeded } from "@rollcall/discovery"; console.log(${USE});`);
  expect(execFileSync(process.execPath, ["app.mjs"], { cwd: app }).toString()).toBe("works\n");
});

test("the package loads as CommonJS", () => {
  writeFileSync(join(app, "app.cjs"), `const { seeded } = require("@rollcall/discovery"); console.log(${USE});`);
  expect(execFileSync(process.execPath, ["app.cjs"], { cwd: app }).toString()).toBe("works\n");
});

test("an application in TypeScript finds the types from a .mts and from a .cts file", () => {
  const files = ["fits.mts", "fits.cts", "wrong.mts", "wrong.cts"];
  for (const file of files) {
    const type = file.startsWith("fits") ? "number" : "string";
    const text = `import { seeded } from "@rollcall/discovery";\nexport const n: ${type} = seeded(1).below(2);\n`;
    writeFileSync(join(app, file), text);
  }
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const flags = [
    "--ignoreConfig",
    "--strict",
    "--noEmit",
    "--module",
    "nodenext",
    "--types",
    "node",
    "--pretty",
    "false",
  ];
  const { stdout } = spawnSync(process.execPath, [tsc, ...flags, ...files], { cwd: app, encoding: "utf8" });
  const mistake = "(2,14): error TS2322: Type 'number' is not assignable to type 'string'.";
  expect(stdout.trim().split("\n").sort()).toEqual([`wrong.cts${mistake}`, `wrong.mts${mistake}`]);
});
