/**
 * @needs nothing
 * @areas programs/registrar lib/catalog/definition-schema.ts
 * @seconds 450
 * @command test:all
 */
import { anyDefinitions, throughAllJudges } from "./support/loader.js";

/** As `loader.native`, of more definitions. */
const program = process.env.ROLLCALL_TEST_CONSUL ?? "";
if (program === "") throw new Error("run it by `npm run test:all`, or name a Consul binary in ROLLCALL_TEST_CONSUL");
jest.setTimeout(900_000);

test("an agent starts with every file that the schema and its API let through, of 10,000 definitions", async () => {
  const { judged, taken, refusedByApi, started } = await throughAllJudges(program, anyDefinitions(10_000, 2));
  console.log(`${judged} definitions: ${taken} taken, ${refusedByApi.length} refused by the API alone`);
  expect(refusedByApi).toEqual([]);
  expect(started).toBe(taken);
  expect(taken).toBeGreaterThan(2000);
});
