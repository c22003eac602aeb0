import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { differencesIn, writeExport } from "../../../../ops/verbs/monitoring/export-folder.js";

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "rollcall-export-"));
});
afterEach(() => rmSync(home, { recursive: true }));

const FILES = new Map([
  ["README.md", "read me\n"],
  ["rules/a.rules.yml", "groups: []\n"],
]);

test("an export is written into a new folder, and a second one changes nothing", () => {
  const folder = join(home, "new");
  expect(writeExport(folder, FILES)).toEqual({ written: 2, removed: 0 });
  expect(readFileSync(join(folder, "rules/a.rules.yml"), "utf8")).toBe("groups: []\n");
  expect(differencesIn(folder, FILES)).toEqual([]);
  expect(writeExport(folder, FILES)).toEqual({ written: 0, removed: 0 });
});

test("what is missing, differs or is no longer exported is told, and put right; what a team put there stays", () => {
  writeExport(home, FILES);
  mkdirSync(join(home, "secrets"));
  writeFileSync(join(home, "secrets/consul-token"), "t");
  writeFileSync(join(home, "README.md"), "mine\n");
  const next = new Map([
    ["README.md", "read me\n"],
    ["rules/b.rules.yml", "groups: []\n"],
  ]);
  expect(differencesIn(home, next)).toEqual([
    { path: "README.md", what: "differs" },
    { path: "rules/b.rules.yml", what: "missing" },
    { path: "rules/a.rules.yml", what: "surplus" },
  ]);
  expect(writeExport(home, next)).toEqual({ written: 2, removed: 1 });
  expect(differencesIn(home, next)).toEqual([]);
  expect(existsSync(join(home, "secrets/consul-token"))).toBe(true);
});

test("a folder that holds something else is left alone", () => {
  writeFileSync(join(home, "notes.txt"), "n");
  expect(() => writeExport(home, FILES)).toThrow("holds files, and no earlier export");
  expect(existsSync(join(home, "README.md"))).toBe(false);
});

test("a manifest that names files outside the folder removes none of them", () => {
  writeFileSync(join(home, "outside"), "o");
  const folder = join(home, "export");
  writeExport(folder, FILES);
  const manifest = join(folder, "rollcall-export.json");
  writeFileSync(manifest, JSON.stringify({ sum: "", files: ["../outside"] }));
  writeExport(folder, FILES);
  expect(existsSync(join(home, "outside"))).toBe(true);
  writeFileSync(manifest, "{");
  expect(() => writeExport(folder, FILES)).toThrow("is not what an export wrote");
});
