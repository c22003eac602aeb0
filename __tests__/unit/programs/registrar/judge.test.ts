import { readFileSync } from "node:fs";
import fc from "fast-check";
import { kvKey, kvValue } from "../../../../lib/catalog/definition.js";
import { LONGEST_VALUE } from "../../../../lib/catalog/definition-schema.js";
import { Judge, type Judgement } from "../../../../programs/registrar/judge.js";
import { anyCatalog } from "../../../support/catalog-generator.js";
import { catalogOf } from "../../../support/catalog-helpers.js";

const check = { id: "billing:http", http: "http://isa-billing:8216/health", interval: "10s", timeout: "5s" };
const billing = {
  id: "billing",
  name: "billing",
  address: "isa-billing",
  port: 8216,
  tags: ["v1"],
  meta: { team: "user-platform" },
  checks: [check],
};
const other = { ...billing, id: "other", name: "other", checks: [] };
const key = "catalog/user-platform/billing";
const otherKey = "catalog/user-platform/other";
const text = JSON.stringify(billing);

type Values = Readonly<Record<string, unknown>>;
function entriesOf(values: Values) {
  return Object.entries(values).map(([each, value]) => ({
    key: each,
    value: Buffer.from(Buffer.isBuffer(value) || typeof value === "string" ? value : JSON.stringify(value)).toString(
      "base64",
    ),
  }));
}
function judge(values: Values, holders: Values = {}, by = new Judge("catalog/")): Judgement {
  return by.judge(entriesOf(values), new Map(Object.entries(holders).map(([id, each]) => [id, String(each)])));
}
const refusedOf = (values: Values, holders?: Values) => Object.fromEntries(judge(values, holders).refused);
const wantedOf = (values: Values, holders?: Values) => [...judge(values, holders).wanted.keys()];

test("a good value is wanted, whatever white space is between its tokens", () => {
  const { wanted, refused } = judge({ [key]: JSON.stringify(billing, null, 2) });
  expect([...refused]).toEqual([]);
  expect(JSON.parse(wanted.get("billing")?.text ?? "")).toEqual(billing);
  expect(wanted.get("billing")?.place).toMatchObject({ key, file: "user-platform.billing" });
});

test("a prefix of a host's own has the teams below it; a team's folder is no prefix, as docs/production.md says", () => {
  const host = judge({ "hosts/host-1/user-platform/billing": billing }, {}, new Judge("hosts/host-1/"));
  expect([[...host.refused], [...host.wanted.keys()]]).toEqual([[], ["billing"]]);
  const team = judge({ [key]: billing }, {}, new Judge("catalog/user-platform/"));
  expect([...team.refused.values()]).toEqual([
    expect.stringContaining("the key must be catalog/user-platform/<team>/<service>"),
  ]);
  expect(team.wanted.size).toBe(0);
  const page = readFileSync("docs/production.md", "utf8");
  expect(page).toContain("`KV_PREFIX=hosts/HOST/`");
});

test("takes whatever lint takes, from 1,000 generated services", () => {
  const drawn = fc.sample(anyCatalog, { numRuns: 200, seed: 1 }).flatMap((files) => catalogOf(files).services);
  const services = [...new Map(drawn.map((service) => [service.id, service])).values()];
  expect(services.length).toBeGreaterThan(1000);
  const { wanted, refused } = judge(Object.fromEntries(services.map((service) => [kvKey(service), kvValue(service)])));
  expect([[...refused], wanted.size]).toEqual([[], services.length]);
});

test.each<[string, unknown, string]>([
  ["broken JSON", text.slice(0, -1), "value: not valid JSON"],
  ["nothing", "", "value: not valid JSON"],
  ["a field twice", text.replace('"port":', '"port":1,"port":'), "port: given twice"],
  [
    "a field that JavaScript has for something else",
    text.replace('"team"', '"__proto__":"x","team"'),
    "meta.__proto__: not a name that a field may have",
  ],
  ["a number as a text", text.replace("8216,", '"8216",'), "port: must be a whole number from 1 to 65535"],
  ["half a character", text.replace("v1", "\\ud800"), "tags[0]: holds half a character"],
  ["bytes that are no text", Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff])]), "value: not UTF-8"],
  ["a valid definition of another service", other, "name: must be the service in the key"],
  ["another id", { ...billing, id: "billing-2", checks: [] }, "id: must be the last part of the key"],
  ["another team", { ...billing, meta: { team: "ai-platform" } }, "meta.team: must be the team in the key"],
  ["no team", { ...billing, meta: {} }, "meta.team: must be the team in the key"],
  ["one byte more than it may have", text.padEnd(LONGEST_VALUE + 1), `value: longer than ${LONGEST_VALUE} bytes`],
  ["512 KB, Consul's most", "x".repeat(512 * 1024), `value: longer than ${LONGEST_VALUE} bytes`],
  ["10,000 brackets", "[".repeat(10_000), "value: not valid JSON"],
])("refuses %s with the reason, and takes the others", (_what, value, reason) => {
  expect(refusedOf({ [key]: value, [otherKey]: other })).toEqual({ [key]: reason });
  expect(wantedOf({ [key]: value, [otherKey]: other })).toEqual(["other"]);
});

test("a value may be as long as the catalog lets it become", () => {
  expect(wantedOf({ [key]: text.padEnd(LONGEST_VALUE) })).toEqual(["billing"]);
});

test.each([
  "catalog/billing",
  "catalog/user-platform/",
  "catalog/user-platform/billing/x/y",
  "catalog/user-platform/billing/billing",
  "catalog/user-platform/billing/-x",
  "catalog/user-platform/billing/..",
  "catalog/User/billing",
  "catalog/../billing",
  "catalog/user-platform/-billing",
  `catalog/${"x/".repeat(50)}y`,
  `catalog/user-platform/${"x".repeat(300)}`,
  "catalog/user-platform/bil\nling",
  "elsewhere/user-platform/billing",
])("refuses the key %j, and shows it on one line", (bad) => {
  const shown = bad.slice(0, 256).replaceAll("\n", "?");
  expect(refusedOf({ [bad]: billing, [otherKey]: other })).toEqual({
    [shown]:
      "the key must be catalog/<team>/<service> or catalog/<team>/<service>/<id>, of a-z 0-9 _ -, an id also of A-Z . :",
  });
  expect(wantedOf({ [bad]: billing, [otherKey]: other })).toEqual(["other"]);
});

test("several instances of a service have a key each", () => {
  const ids = ["eu-1", "Host:billing:80.x"];
  const values = ids.map((id) => [`${key}/${id}`, { ...billing, id, checks: [{ ...check, id: `${id}:http` }] }]);
  expect(wantedOf(Object.fromEntries(values))).toEqual(ids);
});

test("who has a name keeps it for as long as its key is there, and then the next has it", () => {
  const earlier = { ...billing, meta: { team: "a" } };
  const both = { "catalog/a/billing": earlier, [key]: billing };
  expect(refusedOf(both, { billing: key })).toEqual({ "catalog/a/billing": `the name is taken by ${key}` });
  expect(refusedOf(both)).toEqual({ [key]: "the name is taken by catalog/a/billing" });
  expect(judge({ "catalog/a/billing": earlier }, { billing: key }).wanted.get("billing")?.place.file).toBe("a.billing");
});

test("a broken value does not take a name from a good one", () => {
  expect(wantedOf({ "catalog/aaa/billing": "no", [key]: billing })).toEqual(["billing"]);
});

test("of a service that is in place, a refused value leaves the earlier definition", () => {
  const { kept, refused, wanted } = judge({ [key]: "no" }, { billing: key });
  expect([[...kept], wanted.size]).toEqual([["billing"], 0]);
  expect([...refused.values()]).toEqual(["value: not valid JSON; the earlier definition stays"]);
});

test("10,000 keys, most of them refused, are judged in 15 s on a busy machine, and unchanged ones in 2 s", () => {
  const by = new Judge("catalog/");
  const entries = entriesOf(
    Object.fromEntries(
      Array.from({ length: 10_000 }, (_, n) => [
        `catalog/user-platform/n${n}`,
        n % 10 === 0 ? { ...other, id: `n${n}`, name: `n${n}` } : text,
      ]),
    ),
  );
  const took = () => {
    const begun = performance.now();
    const { wanted, refused } = by.judge(entries, new Map());
    expect([wanted.size, refused.size]).toEqual([1000, 9000]);
    return performance.now() - begun;
  };
  expect(took()).toBeLessThan(15_000);
  expect(took()).toBeLessThan(2000);
});
