import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { affectedBy } from "../../../../dev/test/affected.js";
import { parseDeclaration } from "../../../../dev/test/declaration.js";
import { Imports } from "../../../../dev/test/imports.js";
import {
  asksFor,
  filesNamed,
  nameOfTestFile,
  type RealTestFile,
  realTestFiles,
} from "../../../../dev/test/test-files.js";
import { TEST_LIST, testList } from "../../../../dev/test/test-list.js";
import { titlesOf } from "../../../../dev/test/titles.js";

const ROOT = join(import.meta.dirname, "..", "..", "..", "..");
const files = [...realTestFiles("e2e"), ...realTestFiles("chaos")];

describe("what a test file declares", () => {
  const declared = (...lines: readonly string[]) =>
    parseDeclaration(`/**\n${lines.map((line) => ` * ${line}`).join("\n")}\n */\n`, "some.test.ts");
  const GOOD = ["@needs platform", "@areas lib/catalog", "  ops/verbs/diff.ts", "@seconds 12"];

  test("is what it needs, its areas, on several lines too, its seconds and its command", () => {
    expect(declared(...GOOD)).toEqual({
      needs: "platform",
      areas: ["lib/catalog", "ops/verbs/diff.ts"],
      seconds: 12,
      command: "test",
    });
    expect(declared(...GOOD, "@command test:all", "@asks X")).toMatchObject({ command: "test:all", asks: "X" });
  });

  test.each([
    [["@needs platform", "@seconds 12"], "@areas is missing or there twice"],
    [[...GOOD, "@needs clone"], "@needs is missing or there twice"],
    [["@needs docker", "@areas lib", "@seconds 1"], '@needs is "docker" in the comment at its top\nIt takes platform'],
    [["@needs clone", "@areas lib", "@seconds soon"], "@seconds is not a whole number above 0"],
    [[...GOOD, "@area lib"], "@area is not known in the comment at its top\nDid you mean @areas?"],
  ])("%j is refused: %s", (lines, cause) => {
    const attempt = () => declared(...lines);
    const [what = "", remedy = ""] = cause.split("\n");
    expect(attempt).toThrow(`some.test.ts: ${what}`);
    expect(attempt).toThrow(expect.objectContaining({ remedy: expect.stringContaining(remedy) }));
  });

  test("names areas that there are", () => {
    const missing = files.flatMap(({ name, areas }) =>
      areas.filter((area) => !existsSync(join(ROOT, area))).map((area) => `${name}: ${area}`),
    );
    expect(missing).toEqual([]);
  });
});

describe("files by name", () => {
  test("are that of the name, and else those that begin with the word, in the order of all", () => {
    expect(filesNamed(["upgrade"], files).map(({ name }) => name)).toEqual(["upgrade"]);
    expect(filesNamed(["07", "01-up"], files).map(({ name }) => name)).toEqual([
      "01-up",
      "07-access-by-setting",
      "07-access",
    ]);
  });

  test("fails: where a word names none", () => {
    expect(() => filesNamed(["01-pu"], files)).toThrow(expect.objectContaining({ remedy: "Did you mean 01-up?" }));
    expect(() => filesNamed(["faults"], files)).toThrow(
      expect.objectContaining({ remedy: expect.stringMatching(/faults\?$/) }),
    );
  });

  test("that ask for a variable run only where it is set", () => {
    const [upgrade] = filesNamed(["upgrade-from"], files);
    expect(upgrade && asksFor(upgrade, {})).toBe("ROLLCALL_TEST_FROM");
    expect(upgrade && asksFor(upgrade, { ROLLCALL_TEST_FROM: "HEAD" })).toBeUndefined();
    const [dockerd] = filesNamed(["dockerd"], files);
    expect(dockerd && asksFor(dockerd, { ROLLCALL_CHAOS_DOCKERD: "off" })).toBe("ROLLCALL_CHAOS_DOCKERD=on");
    expect(dockerd && asksFor(dockerd, { ROLLCALL_CHAOS_DOCKERD: "on" })).toBeUndefined();
  });

  test("are called as people call them", () => {
    expect(nameOfTestFile(join(ROOT, "__tests__", "e2e", "01-up.test.ts"))).toBe("e2e/01-up");
  });
});

describe("what a change can affect", () => {
  const sources = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT })
    .toString()
    .split("\n")
    .filter(Boolean);
  const imports = new Imports(ROOT);
  const affected = (...changed: readonly string[]) =>
    affectedBy(changed, files, sources, imports).map(({ name }) => name);

  test("is what declares the area, and nothing else", () => {
    expect(affected("lib/catalog/resolve.ts")).toEqual(["03-catalog"]);
    expect(affected("discovery/src/watch.ts", "ops/report/diff/changes.ts")).toEqual(
      files
        .filter(({ areas }) => areas.includes("discovery") || areas.includes("ops/report/diff"))
        .map(({ name }) => name),
    );
  });

  test("is a test that was changed itself", () => {
    expect(affected("__tests__/e2e/09-ui.test.ts")).toEqual(["09-ui"]);
  });

  test("is whatever loads a file of no area: a support file the tests that use it, a helper the areas that do", () => {
    expect(affected("__tests__/e2e/support/chromium.ts")).toEqual(["09-ui"]);
    expect(affected("ops/consul/api/agent.ts")).toEqual(expect.arrayContaining(["16-status"]));
    expect(affected("lib/process.ts").length).toBeGreaterThan(20);
  });

  test("is nothing for a page that no test reads", () => {
    expect(affected("docs/decisions/001-state.md", "README.md")).toEqual([]);
  });

  test("is something for every file that runs: none is without a test against real Docker", () => {
    // What runs the tests; what writes a file in the clone, which unit tests compare; what a shell runs, as unit tests do;
    // the rules of alerts, which promtool tests.
    const others = /^ops\/cli\/((texts|reference)\.ts|completion\/)|^lib\/monitoring\//;
    const running = sources.filter((path) =>
      /^(lib|stacks|programs|provision|discovery\/src|ops)\/.*\.[cm]?[tj]s$/.test(path),
    );
    expect(running.filter((path) => !others.test(path) && affected(path).length === 0)).toEqual([]);
  });
});

describe("the list of all tests", () => {
  test("has the titles as the tests have them: `npm test -- list` writes it", () => {
    expect(readFileSync(TEST_LIST, "utf8")).toBe(testList());
  });

  test("has groups and what is in them, tables too", () => {
    const text = [
      'describe.each([1])("a %s", () => { test("b", () => {}); afterAll(() => {}); });',
      'test.each([[1]])(`c ${1} d`, async (x) => { test("not one", x); });',
      'function f() { describe("nor this", () => {}); }',
    ];
    expect(titlesOf(text.join("\n"))).toEqual([
      { title: "a %s", tests: [{ title: "b", tests: [] }] },
      { title: "c … d", tests: [] },
    ]);
  });

  test("misses none", () => {
    const listed = (all: ReturnType<typeof titlesOf>): number =>
      all.reduce((sum, { tests }) => sum + (tests.length === 0 ? 1 : listed(tests)), 0);
    const odd = files.flatMap(({ path, name }: RealTestFile) => {
      const text = readFileSync(join(ROOT, path), "utf8");
      const written = text.match(/^ *test(\.each)?[(<]/gm)?.length ?? 0;
      return listed(titlesOf(text)) === written ? [] : [name];
    });
    expect(odd).toEqual([]);
  });
});
