import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { renderSettingsDoc } from "../../../../lib/settings/settings-doc.js";
import { renderSettingsSchema } from "../../../../lib/settings/settings-schema.js";
import { inFile, renderSettingsFile } from "../../../../lib/settings/settings-yaml.js";
import { declarationOf, GROUPS, isInFile, KEPT_VARIABLES, KEYS, OUTSIDE } from "../../../../lib/settings/table.js";

const root = join(import.meta.dirname, "..", "..", "..", "..");
const declared = KEYS.map(declarationOf);
const schema = JSON.parse(renderSettingsSchema());

/** The names that the schema lets a file have. */
function namesIn(): readonly string[] {
  return Object.entries<{ anyOf?: { properties?: object }[] }>(schema.properties).flatMap(([name, { anyOf }]) =>
    name in GROUPS ? Object.keys(anyOf?.[0]?.properties ?? {}).map((each) => `${name}.${each}`) : [name],
  );
}

test("rollcall.schema.json and docs/reference/settings.md are what the table says; otherwise run npm run generate", () => {
  expect(readFileSync(join(root, "rollcall.schema.json"), "utf8")).toBe(renderSettingsSchema());
  expect(readFileSync(join(root, "docs", "reference", "settings.md"), "utf8")).toBe(renderSettingsDoc());
});

test("an editor knows each setting of a file and none of a run or a machine", () => {
  const inFile = declared.filter(isInFile).map(({ name }) => name);
  expect([...namesIn()].sort()).toEqual([...inFile].sort());
  for (const name of ["allow", "protect", "output", "cache", "docker.engine", "backup.identity"])
    expect(inFile).not.toContain(name);
});

test("an editor requires nothing, refuses unknown names, explains each setting and takes an empty group", () => {
  expect([schema.required, schema.additionalProperties]).toEqual([undefined, false]);
  for (const group of Object.keys(GROUPS)) {
    const [mapping, empty] = schema.properties[group].anyOf;
    expect([mapping.required, mapping.additionalProperties, empty.type]).toEqual([undefined, false, "null"]);
    for (const field of Object.values<{ description: string }>(mapping.properties))
      expect(field.description).toMatch(/.{20}.*The variable \w+ goes before it\.$/);
  }
});

describe("an editor that checks with the schema", () => {
  const editor = z.fromJSONSchema(schema);
  const takes = (text: string) => editor.safeParse(parse(text)).success;

  test("takes what is written for a platform, and a file that is all comments", () => {
    expect(
      takes(renderSettingsFile(inFile({ ...KEPT_VARIABLES, ROLLCALL_STATE: "own", ROLLCALL_NETWORKS: "a,b" }))),
    ).toBe(true);
    expect(takes("consul:\n  # servers: 5\nports: { http: 8600 }\n")).toBe(true);
  });

  test.each([
    "consul: { servers: 2 }",
    "consul: { server: 3 }",
    "ports: { http: 0 }",
    "ports: { http: '8500' }",
    "services: { networks: one }",
    "services: { workloads: no }",
    "docker: { engine: never }",
    "allow: [ca]",
    "backup: { every: hourly }",
  ])("marks %s", (text) => {
    expect(takes(text)).toBe(false);
  });
});

test("each name and each variable is declared once", () => {
  const names = [...declared.map(({ name }) => name), ...OUTSIDE.map(({ name }) => name)];
  const variables = [...declared.map(({ variable }) => variable), ...OUTSIDE.map(({ variable }) => variable)];
  expect([new Set(names).size, new Set(variables).size]).toEqual([names.length, variables.length]);
});

test("each setting that up records has a word for its default, and no other kind is recorded", () => {
  const kept = declared.filter(({ kind }) => kind === "platform");
  expect(kept.filter((each) => each.default === undefined)).toEqual([]);
  expect(kept.length).toBe(26);
});

test("the documentation has a line for every variable", () => {
  const doc = renderSettingsDoc();
  const variables = [...declared.map(({ variable }) => variable), ...OUTSIDE.map(({ variable }) => variable)];
  expect(variables.filter((name) => !new RegExp(`^\\|.*\`${name}\``, "m").test(doc))).toEqual([]);
});

test("the pages that the documentation leads to are there, with those headings", () => {
  const slug = (line: string) =>
    line
      .replace(/^#+ /, "")
      .toLowerCase()
      .replace(/[^\w -]/g, "")
      .replaceAll(" ", "-");
  const dead = [...renderSettingsDoc().matchAll(/\]\(\.\.\/([^)#]+)#?([^)]*)\)/g)].filter(([, page = "", heading]) => {
    const headings = readFileSync(join(root, "docs", page), "utf8")
      .split("\n")
      .filter((line) => line.startsWith("#"));
    return heading !== "" && !headings.map(slug).includes(heading ?? "");
  });
  expect(dead.map(([link]) => link)).toEqual([]);
});
