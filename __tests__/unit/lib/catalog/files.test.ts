import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { CatalogError } from "../../../../lib/catalog/problem.js";
import { readCatalog } from "../../../../lib/catalog/read-catalog.js";
import { UserError } from "../../../../lib/user-error.js";
import { faultsOf, inFolder, team } from "../../../support/catalog-helpers.js";

const TEAM = "a name of a-z, 0-9 and - that begins with a letter, at most 63 long";
const bomb = ["a: &a [x, x, x, x, x, x, x, x, x, x]", "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]"]
  .concat(["c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]", "d: [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c]"])
  .join("\n");

test.each<[string, string | Uint8Array, string]>([
  ["nothing", "", "1:1: the file is empty; list a team and its services, or delete it"],
  ["a comment alone", "# soon\n", "1:1: the file is empty; list a team and its services, or delete it"],
  ["a list", "[a]\n", "1:1: the file is a list of 1; write a mapping with team, defaults and services"],
  ["no services", "team: t\n", "1:1: services is missing; write a mapping of services by name"],
  [
    "an empty list of services",
    "team: t\nservices: {}\n",
    "2:11: services is a mapping of 0; write at least one service, or delete the file",
  ],
  ["broken YAML", "team: t: u\n", "1:7: Nested mappings are not allowed in compact mappings; correct the YAML"],
  ["a tab for a space", "team: t\n\tservices: 1\n", "2:1: Tabs are not allowed as indentation; correct the YAML"],
  ["an unknown tag", team("!secret t", ["x: { port: 1 }"]), "1:7: Unresolved tag: !secret; correct the YAML"],
  ["two documents", "team: t\n---\nteam: u\n", "2:1: a second document begins here; write one file a team"],
  ["an alias bomb", bomb, "1:1: aliases multiply to more than 1000; write the values out"],
  ["text that is not UTF-8", Uint8Array.of(0x74, 0xff), "1:1: the file is not UTF-8; save it as UTF-8"],
  ["more than 1 MiB", `${" ".repeat(2 ** 20)}\n`, "1:1: the file is larger than 1 MiB; divide it among several teams"],
  ["a team in capitals", team("Team", ["x: { port: 1 }"]), `1:7: team is "Team"; write ${TEAM}`],
  ["a team that is a number", team("5", ["x: { port: 1 }"]), `1:7: team is the number 5; write ${TEAM}`],
])("a file with %s is refused", (_, text, expected) => {
  expect(faultsOf({ "a.yaml": text })).toEqual([`a.yaml:${expected}`]);
});

test("a file of exactly 1 MiB is read", () => {
  const text = team("t", ["x: { port: 1 }"]);
  expect(faultsOf({ "a.yaml": `${text}#${"-".repeat(2 ** 20 - text.length - 2)}\n` })).toEqual([]);
});

test("a file nested deeper than the stack is refused without a stack trace", () => {
  expect(faultsOf({ "a.yaml": "[".repeat(100_000) })).toContainEqual(
    expect.stringMatching(/^a\.yaml:1:\d+: the YAML is nested too deeply; write it with fewer levels$/),
  );
});

test("a folder without a *.yaml file is refused", () => {
  const expected = "FOLDER:1:1: there is no *.yaml file in the catalog folder; add one, as docs/catalog.md shows";
  expect(faultsOf({ "README.md": "" })).toEqual([expected]);
});

test("a file called *.yml is not overlooked", () => {
  expect(faultsOf({ "a.yml": "" })).toEqual(["a.yml:1:1: only *.yaml files are read; rename it to a.yaml"]);
});

test("a file called *.YAML is not overlooked either", () => {
  expect(faultsOf({ "A.YAML": "" })).toEqual(["A.YAML:1:1: only *.yaml files are read; rename it to A.yaml"]);
  expect(faultsOf({ "b.Yml": "" })).toEqual(["b.Yml:1:1: only *.yaml files are read; rename it to b.yaml"]);
});

test("hidden files, which editors and macOS leave behind, are not read", () => {
  const good = team("t", ["x: { port: 1 }"]);
  const hidden = {
    "._a.yaml": Uint8Array.of(0, 5, 22, 7),
    ".a.yaml.swp": "b0VIM",
    ".hidden.yml": "no: [",
    ".b.yaml/": "",
  };
  inFolder({ "a.yaml": good, ...hidden }, (folder) => {
    // Emacs locks a file with a link to nowhere.
    symlinkSync("ann@host.4711:1700000000", join(folder, ".#a.yaml"));
    expect(readCatalog(folder).services).toEqual([expect.objectContaining({ name: "x" })]);
  });
  expect(faultsOf({ ".a.yaml": good })).toEqual([
    "FOLDER:1:1: there is no *.yaml file in the catalog folder; add one, as docs/catalog.md shows",
  ]);
});

test("a folder called *.yaml is refused", () => {
  const expected = "a.yaml:1:1: this is not a file; remove it or give it another ending than .yaml";
  expect(faultsOf({ "a.yaml/": "" })).toEqual([expected]);
});

test("a missing folder is a UserError that names the folder as the user knows it", () => {
  const missing = () => readCatalog("no-such-folder");
  expect(missing).toThrow(UserError);
  expect(missing).toThrow(
    new CatalogError([
      {
        file: "no-such-folder",
        line: 1,
        column: 1,
        message: "the catalog folder cannot be read (ENOENT)",
        remedy: "create it, or correct its name or permissions",
      },
    ]),
  );
});

test("a team, a name and an address with its port may stand in one file only", () => {
  const files = {
    "a.yaml": team("t", ["x: { port: 1 }", "y: { port: 2 }"]),
    "b.yaml": team("t", ["x: { port: 3 }", "z: { port: 2, address: ISA-Y }"]),
    "c.yaml": team("u", ["x: { port: 0 }", "v: { port: 1, address: isa-v }"]),
  };
  expect(faultsOf(files)).toEqual([
    "a.yaml:1:7: the team t has another file, b.yaml:1; move the services there or rename the team",
    "a.yaml:6:3: x is declared again, at b.yaml:6; remove or rename one of them",
    "a.yaml:6:3: x is declared again, at c.yaml:6; remove or rename one of them",
    "a.yaml:7:3: y has the address isa-y:2, which is taken at b.yaml:7; give one of them another port or address",
    "b.yaml:1:7: the team t has a file already, a.yaml:1; move the services there or rename the team",
    "b.yaml:6:3: x is declared already, at a.yaml:6; remove or rename one of them",
    "b.yaml:7:3: z has the address ISA-Y:2, which is taken at a.yaml:7; give one of them another port or address",
    "c.yaml:6:3: x is declared already, at a.yaml:6; remove or rename one of them",
    "c.yaml:6:14: x.port is 0; write a whole number from 1 to 65535",
  ]);
});

test("an id, and a name in DNS, that stands in two files is told at the line of both", () => {
  const files = {
    "a.yaml": team("t", ["x: { port: 1, instances: [{ id: i }] }", "a_b: { port: 2 }", "n: { port: 3 }"]),
    "b.yaml": team("u", ["y: { port: 4, instances: [{ id: i }, { id: n, port: 6 }] }", "a-b: { port: 5 }"]),
  };
  expect(faultsOf(files).map((line) => line.replace(/; .*/, ""))).toEqual([
    "a.yaml:6:35: the id i is declared again, at b.yaml:6",
    "a.yaml:7:3: a_b is a-b in DNS, as a-b at b.yaml:7 is",
    "a.yaml:8:3: n is an instance's id too, at b.yaml:6",
    "b.yaml:6:35: the id i is declared already, at a.yaml:6",
    "b.yaml:6:46: the id n is a service's name, at a.yaml:8",
    "b.yaml:7:3: a-b is a-b in DNS, as a_b at a.yaml:7 is",
  ]);
});

test("a name that is given twice is found where an alias stands for it", () => {
  expect(faultsOf({ "a.yaml": team("t", ["&k x: { port: 1 }", "*k : { port: 2 }"]) })).toEqual([
    "a.yaml:7:3: x is given twice, first on line 6; remove or rename one of them",
  ]);
  const hidden = team("t", ["x: { port: 1, tags: [&k __proto__] }", "*k : { port: 2 }"]);
  expect(faultsOf({ "a.yaml": hidden })).toContain("a.yaml:7:3: __proto__ is not a field; remove it");
  expect(faultsOf({ "a.yaml": team("t", ["x: { port: 1, tags: [&k y] }", "*k : { port: 2 }"]) })).toEqual([]);
});

test("two services of one file cannot have one name or one address and port", () => {
  expect(
    faultsOf({ "a.yaml": team("t", ["x: { port: 1 }", "y: { port: 1, address: isa-x }", "x: { port: 2 }"]) }),
  ).toEqual(["a.yaml:8:3: x is given twice, first on line 6; remove or rename one of them"]);
  expect(faultsOf({ "a.yaml": team("t", ["x: { port: 1 }", "y: { port: 1, address: isa-x }"]) })).toEqual([
    "a.yaml:7:3: y has the address isa-x:1, which is taken at a.yaml:6; give one of them another port or address",
  ]);
});

test("all mistakes of all files are told at once, in order, whatever else is wrong", () => {
  const files = {
    "a.yaml":
      "team: T\ndefaults:\n  check: { kind: htp, path: /x }\nservices:\n  x: { prot: 1 }\n  y: { port: 0, check: { pth: / } }\n",
    "b.yaml": "team: t: u\n",
    "c.yaml": team("c", ["y: { port: 70000, tag: [a] }", "z: { port: 1, check: { kind: tcp } }"]),
  };
  expect(faultsOf(files).map((line) => line.replace(/; write .*/, ""))).toEqual([
    'a.yaml:1:7: team is "T"',
    'a.yaml:3:18: defaults.check.kind is "htp"; did you mean http?',
    "a.yaml:5:3: x.port is missing",
    "a.yaml:5:8: x.prot is not a field; did you mean port?",
    "a.yaml:6:3: y is declared again, at c.yaml:6; remove or rename one of them",
    "a.yaml:6:14: y.port is 0",
    "b.yaml:1:7: Nested mappings are not allowed in compact mappings; correct the YAML",
    "c.yaml:6:3: y is declared already, at a.yaml:6; remove or rename one of them",
    "c.yaml:6:14: y.port is 70000",
    "c.yaml:6:21: y.tag is not a field; did you mean tags?",
    "c.yaml:7:17: z.check.interval is missing",
    "c.yaml:7:17: z.check.timeout is missing",
  ]);
});

test("the problems are also there one by one, for those who show them elsewhere", () => {
  inFolder({ "a.yaml": team("t", ["x: { port: 0 }"]) }, (folder) => {
    let caught: unknown;
    try {
      readCatalog(folder);
    } catch (error) {
      caught = error;
    }
    const remedy = "write a whole number from 1 to 65535";
    expect(caught).toBeInstanceOf(CatalogError);
    expect(caught).toHaveProperty("problems", [
      { file: join(folder, "a.yaml"), line: 6, column: 14, message: "x.port is 0", remedy },
    ]);
    expect(caught).toHaveProperty("remedy", "docs/catalog.md describes every field of the catalog.");
  });
});

test("a file below the working directory is named relative to it", () => {
  const [team] = readCatalog(join(import.meta.dirname, "..", "..", "..", "..", "service-catalog")).teams;
  expect(team?.file).toBe("service-catalog/ai-services.yaml");
});
