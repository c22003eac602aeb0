import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { nameOfTestFile, type RealTestFile, realTestFiles } from "./test-files.js";
import { type Titled, titlesOf } from "./titles.js";

const ROOT = join(import.meta.dirname, "..", "..");

/** The page that says which command shows what; `npm test -- list` writes it. */
export const TEST_LIST = join(ROOT, "docs", "tests.md");

const HEAD = `# What is shown, and by which command

Written by \`npm test -- list\` from the titles of the tests; \`npm run check\` fails where the two differ. \`%s\` and \`…\` stand
for what a table fills in.

- \`npm run check\` runs what needs no Docker, promtool's cases of each alert among it.
- \`npm run test:rules\` runs those cases, and whether they notice when anything in a rule is wrong.
- \`npm test\` runs that and the end-to-end files below it.
- \`npm run test:all\` runs everything: what is slow and rarely broken as well.
- One file: \`npm run test:all -- 03-catalog\`. What a change can affect: \`npm run test:changed\`.
`;

/** The page's text, from the tests as they are. */
export function testList(): string {
  const real = [...realTestFiles("e2e"), ...realTestFiles("chaos")];
  const by = (command: RealTestFile["command"]) => real.filter((file) => file.command === command).map(section);
  return [
    HEAD,
    "## `npm test`\n",
    ...by("test"),
    "## `npm run test:all`\n",
    "The stand-in provider against a real Consul (`go test` in `provision/terraform-provider-consul`), and:\n",
    ...by("test:all"),
    "## `npm run check`\n",
    ...["__tests__/unit", "__tests__/synth", "discovery/__tests__"]
      .flatMap(testFilesIn)
      .map((path) => listed(path, nameOfTestFile(join(ROOT, path)), "")),
  ].join("\n");
}

function section({ folder, name, path, needs, seconds, asks }: RealTestFile): string {
  const words = [`about ${seconds} s`, `needs ${needs === "nothing" ? needs : `a ${needs}`}`];
  return listed(
    path,
    `${folder}/${name}`,
    `${[...words, ...(asks === undefined ? [] : [`asks for \`${asks}\``])].join(", ")}\n`,
  );
}

function listed(path: string, name: string, note: string): string {
  const text = readFileSync(join(ROOT, path), "utf8");
  return [
    `### ${name}\n`,
    ...(note === "" ? [] : [note]),
    ...titlesOf(text).flatMap((each) => lines(each, "")),
    "",
  ].join("\n");
}

function lines({ title, tests }: Titled, indent: string): readonly string[] {
  return [`${indent}- ${title}`, ...tests.flatMap((each) => lines(each, `${indent}  `))];
}

function testFilesIn(folder: string): readonly string[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
  return names
    .filter((each) => each.endsWith(".test.ts"))
    .map((each) => `${folder}/${each.split(sep).join("/")}`)
    .sort();
}
