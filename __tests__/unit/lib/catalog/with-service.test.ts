import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { withService } from "../../../../lib/catalog/with-service.js";

const ROOT = join(import.meta.dirname, "..", "..", "..", "..");
const CATALOGS = ["service-catalog", "service-catalog/examples/ish-chat"];
const FILES = CATALOGS.flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => join(folder, name)),
);

const entry = { port: 9999, tags: ["v2"], check: { path: "/ready" } };
const lines = (...all: readonly string[]) => all.map((line) => `${line}\n`).join("");

test.each(FILES)("%s without the added line is what it was, byte for byte", (file) => {
  const before = readFileSync(join(ROOT, file), "utf8");
  const made = withService(before, "new_service", entry);
  expect(made?.added).toBe("  new_service: { port: 9999, tags: [v2], check: { path: /ready } }");
  const after = made?.text.split("\n") ?? [];
  expect(after.splice((made?.line ?? 0) - 1, 1)).toEqual([made?.added]);
  expect(after.join("\n")).toBe(before);
});

test.each([
  [
    "as one line, where most services are one",
    lines("team: a", "services:", "  b: { port: 1 } # why", "", "# end"),
    lines("team: a", "services:", "  b: { port: 1 } # why", "  x: { port: 2 }", "", "# end"),
  ],
  [
    "without spaces in brackets, where the others have none",
    lines("services:", "    b: {port: 1}"),
    lines("services:", "    b: {port: 1}", "    x: {port: 2}"),
  ],
  [
    "as a block, where most services are one, behind the comment that belongs to the last",
    lines("services:", "  b:", "    port: 1", "    # only at night", "other: 1"),
    lines("services:", "  b:", "    port: 1", "    # only at night", "  x:", "    port: 2", "other: 1"),
  ],
  [
    "behind a block of text",
    lines("services:", "  b:", "    ca: |", "      x", "", "# end"),
    lines("services:", "  b:", "    ca: |", "      x", "  x:", "    port: 2", "", "# end"),
  ],
  [
    "with the line breaks of the file",
    "services:\r\n  b: { port: 1 }\r\n",
    "services:\r\n  b: { port: 1 }\r\n  x: { port: 2 }\r\n",
  ],
  [
    "where the file does not end its last line",
    "services:\n  b: { port: 1 }",
    "services:\n  b: { port: 1 }\n  x: { port: 2 }",
  ],
  ["between brackets", "services: { b: { port: 1 } }\n", "services: { b: { port: 1 }, x: { port: 2 } }\n"],
  [
    "between brackets over several lines",
    lines("services: {", "  b: { port: 1 } # first", "}"),
    lines("services: {", "  b: { port: 1 }, # first", "  x: { port: 2 }", "}"),
  ],
  [
    "between brackets behind a last comma",
    lines("services: {", "  b: { port: 1 },", "}"),
    lines("services: {", "  b: { port: 1 },", "  x: { port: 2 },", "}"),
  ],
  [
    "between brackets that end on its line",
    "services:\n  { b: { port: 1 },\n    c: { port: 3 } }\n",
    "services:\n  { b: { port: 1 },\n    c: { port: 3 },\n    x: { port: 2 } }\n",
  ],
  [
    "as the first, where there is none",
    lines("team: a", "services: # none yet"),
    lines("team: a", "services: # none yet", "  x: { port: 2 }"),
  ],
  ["as the first between empty brackets", "services: {}\n", "services: { x: { port: 2 } }\n"],
  ["with services, where the file has none", lines("team: a"), lines("team: a", "services:", "  x: { port: 2 }")],
])("a service is added %s", (_, before, after) => {
  expect(withService(before, "x", { port: 2 })?.text).toBe(after);
});

test("nested fields are blocks where the neighbours' are, and lists begin where theirs do", () => {
  const flush = lines("services:", "  b:", "    port: 1", "    tags:", "    - one");
  const deep = flush.replace("    - one", "      - one");
  const own = lines("  new_service:", "    port: 9999", "    tags:", "    - v2", "    check:", "      path: /ready");
  expect(withService(flush, "new_service", entry)?.text).toBe(flush + own);
  expect(withService(deep, "new_service", entry)?.text).toBe(deep + own.replace("    - v2", "      - v2"));
});

test("aliases stay aliases, also many of them", () => {
  const names = Array.from({ length: 300 }, (_, index) => `  b${index}: { port: ${index + 1}, check: *c }`);
  const before = lines("x: &c { kind: tcp }", "services:", ...names);
  expect(withService(before, "x", { port: 2 })?.text).toBe(`${before}  x: { port: 2 }\n`);
});

test("a text that YAML would read as something else is quoted", () => {
  const odd = { address: "isa-{name}", tags: ["1.0", "true", "a,b"], meta: { note: "x: y # z" } };
  expect(withService("services:\n  b: { port: 1 }\n", "null", odd)?.added).toBe(
    '  "null": { address: "isa-{name}", tags: ["1.0", "true", "a,b"], meta: { note: "x: y # z" } }',
  );
});

test.each([
  ["what is no YAML", "services: [\n"],
  ["a second document", lines("services:", "  b: { port: 1 }", "---", "x: 1")],
  ["services that are no mapping", "services: null\n"],
  ["a file between brackets", "{ services: { b: { port: 1 } } }\n"],
  ["a service that is written as an explicit key", lines("services:", "  ? b", "  : { port: 1 }")],
])("nothing is added to %s", (_, text) => {
  expect(withService(text, "x", { port: 2 })).toBeUndefined();
});
