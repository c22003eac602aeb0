import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "..", "..");
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

test.each(["mts", "cts"])("an application in TypeScript finds the types from a .%s file", (ending) => {
  const file = `typed.${ending}`;
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const flags = ["--ignoreConfig", "--strict", "--noEmit", "--module", "nodenext", "--types", "node"];
  const check = (text: string) => {
    writeFileSync(join(app, file), `import { seeded } from "@rollcall/discovery";\n${text}\n`);
    return () => execFileSync(process.execPath, [tsc, ...flags, file], { cwd: app, stdio: "pipe" });
  };
  expect(check("export const n: number = seeded(1).below(2);")).not.toThrow();
  expect(check("export const n: string = seeded(1).below(2);")).toThrow();
});
