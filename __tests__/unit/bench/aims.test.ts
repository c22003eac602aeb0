import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AIMS } from "../../../bench/aims.js";

const PAGE = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "reliability.md"), "utf8");

/** What each row of the page's table begins with, and the seconds that it aims at, as `(3 s)` or `(3 s: why)`. */
function aimsOf(page: string): readonly (readonly [string, readonly number[]])[] {
  const [, ...rows] = page.split("\n").filter((line) => line.startsWith("| "));
  return rows.map((row) => {
    const [fault = "", held = ""] = row.slice(2).split(" | ");
    return [fault, [...held.matchAll(/\((\d+) s\b/g)].map(([, seconds]) => Number(seconds))];
  });
}

test("docs/reliability.md has the aims that the tests have, row by row", () => {
  const aims = Object.values(AIMS);
  const found = aimsOf(PAGE).map(([fault, seconds]) => ({
    row: aims.find(({ row }) => fault.startsWith(row))?.row ?? fault,
    seconds,
  }));
  expect(found).toEqual(aims.map(({ row, seconds }) => ({ row, seconds: Object.values(seconds) })));
});

test("an aim is found in its cell alone, with or without a reason", () => {
  const page = ["text (1 s)", "| fault | what held |", "|---|---|", "| a fault | one (3 s: why), all (20 s) | (9 s) |"];
  expect(aimsOf(page.join("\n"))).toEqual([["a fault", [3, 20]]]);
});
