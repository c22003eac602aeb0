import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { CatalogError } from "../../../../lib/catalog/problem.js";
import { NAMES_FOLDER, writeKnownNames } from "../../../../ops/cli/known-names.js";
import { annotation, repositoryOf } from "../../../../ops/verbs/catalog/annotation.js";
import { lintCatalog } from "../../../../ops/verbs/catalog/lint.js";
import { catalogOf, inFolder, team } from "../../../support/catalog-helpers.js";

const WELL = {
  "b.yaml": team("team-b", ["x: { port: 1 }", "cart: { dynamic: true }"]),
  "a.yaml": team("team-a", [
    "y: { port: 2, instances: [{ id: y1, address: one.example.com }, { id: y2, address: two.example.com }] }",
  ]),
};
const WRONG = { "a.yaml": team("team-a", ["x: { prot: 1 }"]) };
const text = { json: false, format: "text" } as const;
const json = { json: true, format: "text" } as const;
const github = { json: false, format: "github" } as const;

const lint = (files: Readonly<Record<string, string>>, options: Parameters<typeof lintCatalog>[1]) =>
  inFolder(files, (folder) => {
    const { text: told, code } = lintCatalog(folder, options, folder);
    return { told: told.replaceAll(`${folder}/`, ""), code };
  });

test("a catalog without a mistake is told by what it declares", () => {
  expect(lint(WELL, json)).toEqual({
    told: JSON.stringify({ services: 3, instances: 3, teams: 2, mistakes: [], notes: [] }, null, 2),
    code: 0,
  });
  const inWords = { told: "3 services (3 instances) of 2 teams, no mistake", code: 0 };
  expect([lint(WELL, text), lint(WELL, github)]).toEqual([inWords, inWords]);
});

test("an slo that the checks cannot see is no mistake, and told with its place in every format", () => {
  const fine = { "a.yaml": team("team-a", ["x: { port: 1, slo: 99.95 }", "y: { port: 2, slo: 99.9 }"]) };
  const told =
    "x has an slo of 99.95, which at its fastest burn allows 25.9 s an hour, and 3 checks take 30 s: that burn is not alerted on; check it every 8s or more often, or lower the slo";
  expect(lint(fine, text)).toEqual({
    told: `2 services of 1 team, no mistake\na.yaml:6:3: note: ${told}`,
    code: 0,
  });
  expect(lint(fine, github).told).toMatch(
    /^2 services .*\n::notice file=.*a\.yaml,line=6,col=3,.*::x has an slo of 99\.95/s,
  );
  expect(JSON.parse(lint(fine, json).told)).toMatchObject({
    mistakes: [],
    notes: [{ file: "a.yaml", line: 6, column: 3 }],
  });
});

test("lint --json has every mistake with its place and its remedy", () => {
  const { told, code } = lint(WRONG, json);
  expect(code).toBe(1);
  expect(JSON.parse(told)).toEqual({
    notes: [],
    services: null,
    instances: null,
    teams: null,
    mistakes: [
      {
        file: "a.yaml",
        line: 6,
        column: 3,
        message: "x.port is missing",
        remedy: "write a whole number from 1 to 65535",
      },
      { file: "a.yaml", line: 6, column: 8, message: "x.prot is not a field", remedy: "did you mean port?" },
    ],
  });
});

test("lint throws all mistakes, where they are told as text", () => {
  expect(() => lint(WRONG, text)).toThrow(CatalogError);
});

test("lint --format github has an annotation a mistake, and the text for the job's log", () => {
  const { told, code } = lint(WRONG, github);
  expect(code).toBe(1);
  const lines = told.split("\n").map((line) => line.replace(/file=[^,]*a\.yaml/, "file=…/a.yaml"));
  expect(lines).toEqual([
    "::error file=…/a.yaml,line=6,col=3,title=Service catalog::x.port is missing; write a whole number from 1 to 65535",
    "::error file=…/a.yaml,line=6,col=8,title=Service catalog::x.prot is not a field; did you mean port?",
    "a.yaml:6:3: x.port is missing; write a whole number from 1 to 65535",
    "a.yaml:6:8: x.prot is not a field; did you mean port?",
    "docs/catalog.md describes every field of the catalog.",
  ]);
});

test("an annotation names the file as the repository has it, and escapes what GitHub would read", () => {
  const problem = { file: "/repo/cat,a:b%/a.yaml", line: 3, column: 5, message: "50%: a,b\r\nc", remedy: "d" };
  expect(annotation(problem, "/repo", "error")).toBe(
    "::error file=cat%2Ca%3Ab%25/a.yaml,line=3,col=5,title=Service catalog::50%25: a,b%0D%0Ac; d",
  );
  const here = { ...problem, file: "service-catalog/a.yaml" };
  const below = relative(join(process.cwd(), ".."), process.cwd());
  expect(annotation(here, join(process.cwd(), ".."), "error")).toContain(`file=${below}/service-catalog/a.yaml,`);
});

test("the repository begins where GitHub says, else at the nearest .git, else here", () => {
  inFolder({ "repo/": "" }, (folder) => {
    const deep = join(folder, "repo", "deep", "er");
    mkdirSync(deep, { recursive: true });
    expect(repositoryOf(deep, "/github/workspace")).toBe("/github/workspace");
    expect(repositoryOf(deep, undefined)).toBe(deep);
    writeFileSync(join(folder, "repo", ".git"), "gitdir: elsewhere");
    expect(repositoryOf(deep, undefined)).toBe(join(folder, "repo"));
  });
});

test("the names are kept for a shell, sorted, one a line", () => {
  inFolder({ "node_modules/": "" }, (project) => {
    writeKnownNames(catalogOf(WELL), project);
    const read = (name: string) => readFileSync(join(project, NAMES_FOLDER, name), "utf8");
    expect([read("services"), read("teams")]).toEqual(["cart\nx\ny\n", "team-a\nteam-b\n"]);
  });
});

test("lint keeps the names of a catalog without a mistake alone", () => {
  inFolder({ ...WELL, "node_modules/": "" }, (folder) => {
    const services = join(folder, NAMES_FOLDER, "services");
    lintCatalog(folder, json, folder);
    expect(readFileSync(services, "utf8")).toBe("cart\nx\ny\n");
    writeFileSync(join(folder, "b.yaml"), WRONG["a.yaml"]);
    lintCatalog(folder, json, folder);
    expect(readFileSync(services, "utf8")).toBe("cart\nx\ny\n");
  });
});

test("names that cannot be kept are no mistake, and no folder is made for them", () => {
  inFolder({ "node_modules/": "", "node_modules/.cache": "a file" }, (project) => {
    expect(() => writeKnownNames(catalogOf(WELL), project)).not.toThrow();
  });
  inFolder({}, (project) => {
    writeKnownNames(catalogOf(WELL), project);
    expect(() => readFileSync(join(project, "node_modules"))).toThrow("ENOENT");
  });
});
