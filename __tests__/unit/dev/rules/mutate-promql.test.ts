import { EXCUSED } from "../../../../dev/rules/excused.js";
import { mutantsOf } from "../../../../dev/rules/mutants.js";
import { wrongExprs } from "../../../../dev/rules/mutate-promql.js";
import { SUBJECT } from "../../../../dev/rules/subject.js";

const RECORDS = ["a:b:c", "a:d:e", "x:y:z"];

function changed(expr: string): readonly string[] {
  return wrongExprs(expr, RECORDS).map((each) => each.expr);
}

test.each([
  ["m == 0", ["m != 0", "m == 1"]],
  ["m > 0.5", ["m >= 0.5", "m < 0.5", "m > 0.4", "m > 0.625"]],
  ["m >= 10", ["m > 10", "m < 10", "m >= 9", "m >= 11"]],
  ["rate(m[5m])", ["rate(m[150s])", "rate(m[600s])"]],
  ["m offset 7d", ["m offset 302400s", "m offset 1209600s"]],
  ['m{a="b",c="d"}', ['m{c="d"}', 'm{a="b"}']],
  ["a:b:c", ["a:d:e"]],
  ["x:y:z", []],
])("%s is changed in each of its parts", (expr, wrong) => {
  expect(changed(expr)).toEqual(wrong);
});

test("of `unless` and `and` the second side is dropped, of `or` either, and labels of a match", () => {
  expect(changed("a unless on (t) b")).toEqual(["a", "a unless on () b"]);
  expect(changed("a and b")).toEqual(["a"]);
  expect(changed("a or b")).toEqual(["a", "b"]);
  expect(changed("a unless on () b unless on () c")).toEqual(["a unless on () b", "a unless on () c"]);
});

test("each mutant has a name of its own, is PromQL, and has cases that may notice it", () => {
  const mutants = mutantsOf(SUBJECT);
  const ids = mutants.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  expect(mutants.filter(({ tests }) => tests.length === 0)).toEqual([]);
});

test("each excuse is for a mutant, and gives a reason", () => {
  const ids = new Set(mutantsOf(SUBJECT).map(({ id }) => id));
  expect(Object.keys(EXCUSED).filter((id) => !ids.has(id))).toEqual([]);
  expect(Object.values(EXCUSED).filter((reason) => !/^[A-Z].{20,}\.$/.test(reason))).toEqual([]);
});
