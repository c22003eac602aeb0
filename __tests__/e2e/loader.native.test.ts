/**
 * @needs nothing
 * @areas programs/registrar lib/catalog/definition-schema.ts
 * @seconds 100
 */
import { judgeDefinition } from "../../lib/catalog/definition-schema.js";
import { anyDefinitions, Consul, throughAllJudges } from "./support/loader.js";

/**
 * An agent that cannot load one of its files does not start. Whatever its loader refuses must be refused before it is in a
 * file: by the agent's API, and where that takes more, by the schema. It needs a Consul binary, named by
 * ROLLCALL_TEST_CONSUL; `npm test` sees to it.
 */
const program = process.env.ROLLCALL_TEST_CONSUL ?? "";
if (program === "") throw new Error("run it by `npm test`, or name a Consul binary in ROLLCALL_TEST_CONSUL");
jest.setTimeout(240_000);

test("an agent starts with every file that the schema and its API let through, of 500 definitions", async () => {
  const { judged, taken, refusedByApi, started } = await throughAllJudges(program, anyDefinitions(500, 1));
  console.log(`${judged} definitions: ${taken} taken, ${refusedByApi.length} refused by the API alone`);
  expect(refusedByApi).toEqual([]);
  expect(started).toBe(taken);
  expect(taken).toBeGreaterThan(100);
  expect(taken).toBeLessThan(400);
});

test("the agent's API takes a number for a duration, which its loader does not: the schema refuses it", async () => {
  const check = { http: "http://a/", interval: "10s", timeout: 5e9 };
  const sound = { id: "a", name: "a", address: "a", port: 1, tags: [], meta: { team: "t" } };
  const inFile = { ...sound, checks: [{ id: "a:x", ...check }] };
  const consul = new Consul(program);
  try {
    await consul.start();
    expect(await consul.asked(JSON.stringify({ ...sound, checks: [{ CheckID: "a:x", ...check }] }), "a")).toBe("");
    expect(consul.validate(consul.write([inFile]))).toContain("timeout");
    expect(judgeDefinition(inFile)).toEqual({ fault: "checks[0].timeout: must be a string" });
  } finally {
    consul.stop();
  }
});
