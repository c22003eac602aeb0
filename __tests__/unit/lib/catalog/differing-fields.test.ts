import { type Described, differingFields } from "../../../../lib/catalog/differing-fields.js";

const check = { id: "x:http", http: "http://isa-x:1/health" };
const declared: Described = {
  ...{ id: "x", name: "x", address: "isa-x", port: 1, tags: ["v1", "v2"], meta: { team: "t", a: "1" } },
  checks: [check],
};
const fieldsOf = (found: Partial<Described>, from = declared) =>
  differingFields(from, { ...declared, ...found }).map(({ field }) => field);

test("a service that is as declared differs in nothing", () => {
  expect(fieldsOf({})).toEqual([]);
  expect(fieldsOf({ meta: { a: "1", team: "t" } })).toEqual([]);
});

test.each([
  ["id", "y"],
  ["name", "y"],
  ["address", "isa-y"],
  ["port", 2],
  ["tags", ["v2", "v1"]],
  ["meta", { team: "t" }],
  ["weights", { passing: 2, warning: 1 }],
  ["checks", [{ ...check, http: "http://isa-x:1/ready" }]],
])("another %s is a difference, with both values", (field, found) => {
  expect(differingFields(declared, { ...declared, [field]: found })).toEqual([
    { field, declared: Object.entries(declared).find(([name]) => name === field)?.[1], found },
  ]);
});

test("several differences come in one order", () => {
  expect(fieldsOf({ checks: [], port: 2, name: "y", meta: {} })).toEqual(["name", "port", "meta", "checks"]);
});

test("the node is compared where both have one", () => {
  expect(fieldsOf({ node: "elsewhere" })).toEqual([]);
  expect(fieldsOf({ node: "elsewhere" }, { ...declared, node: "here" })).toEqual(["node"]);
});

test("what Consul's catalog has differs in neither checks nor weights: how those were declared it does not say", () => {
  const weighted = { ...declared, weights: { passing: 2, warning: 1 } };
  const { checks: _, ...found } = { ...declared, port: 2 };
  expect(differingFields(weighted, found).map(({ field }) => field)).toEqual(["port"]);
  expect(differingFields(weighted, { ...declared, port: 2 }).map(({ field }) => field)).toEqual(["port", "weights"]);
});
