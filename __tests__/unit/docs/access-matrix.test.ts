import { readFileSync } from "node:fs";
import { grantsFor } from "../../../lib/consul/acl/acl-grants.js";
import { DEEDS, EVERYBODY } from "../../e2e/support/deeds.js";

test("the matrix of who may do what has a column for every grant and for the management token, and no other", () => {
  const grants = Object.keys(grantsFor({ services: [], dynamic: [] }));
  expect([...EVERYBODY].sort()).toEqual([...grants, "management"].sort());
});

test("everything is tried by whoever may do it, and every deed is another", () => {
  expect(DEEDS.filter(({ may }) => !may.includes("management")).map(({ does }) => does)).toEqual([]);
  expect(EVERYBODY.filter((who) => !DEEDS.some(({ may }) => may.includes(who)))).toEqual([]);
  expect(new Set(DEEDS.map(({ does }) => does)).size).toBe(DEEDS.length);
});

test("docs/security.md says how large it is", () => {
  const text = readFileSync("docs/security.md", "utf8");
  expect(text).toContain(`${EVERYBODY.length} consumers on ${DEEDS.length} deeds`);
});
