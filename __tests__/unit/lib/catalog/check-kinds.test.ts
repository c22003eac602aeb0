import { CHECK_KINDS, TIMED_KINDS } from "../../../../lib/catalog/check-kinds.js";
import { checkSchema } from "../../../../lib/catalog/checks.js";

test("the kinds that are listed are those of the schema, and those at intervals have an interval", () => {
  const kinds = checkSchema.options.map(({ shape }) => ({ kind: shape.kind.value, isTimed: "interval" in shape }));
  expect(kinds.map(({ kind }) => kind)).toEqual(CHECK_KINDS);
  expect(kinds.filter(({ isTimed }) => isTimed).map(({ kind }) => kind)).toEqual(TIMED_KINDS);
});
