import { Declaring } from "../../../../programs/monitor/declared.js";
import { declaring, definition, entriesOf } from "../../../support/monitor-fixtures.js";

const KEY = "catalog/user-platform/billing";

test("a value declares an instance with its address and its kinds of check", () => {
  const both = definition("billing");
  const checks = [...both.checks, { id: "billing:tcp", tcp: "isa-billing:8216", interval: "30s" }];
  expect([...declaring({ [KEY]: { ...both, checks } }).declared.values()]).toEqual([
    { service: "billing", team: "user-platform", id: "billing", address: "isa-billing:8216", kinds: ["http", "tcp"] },
  ]);
});

test("an address of IPv6 is written so that its port can be told from it", () => {
  const { declared } = declaring({ [KEY]: { ...definition("billing"), address: "fd00::1" } });
  expect(declared.get("billing")?.address).toBe("[fd00::1]:8216");
});

test("what the registrar refuses is refused, with its words, and its instance is in doubt", () => {
  const { declared, doubtful, refused } = declaring({
    [KEY]: { ...definition("billing"), port: 0 },
    "catalog/x": "{}",
  });
  expect(declared.size).toBe(0);
  expect([...doubtful.keys()]).toEqual(["billing"]);
  expect([...refused]).toEqual([
    [KEY, expect.stringMatching(/^port: /)],
    ["catalog/x", expect.stringMatching(/^the key must be /)],
  ]);
});

test("who has a name keeps it, also while the value is refused for a time", () => {
  const judge = new Declaring("catalog/");
  const other = "catalog/another-team/billing";
  const both = { [KEY]: definition("billing"), [other]: definition("billing", "another-team") };
  expect([...judge.read(entriesOf({ [KEY]: both[KEY] })).declared.values()][0]?.team).toBe("user-platform");
  const later = judge.read(entriesOf({ [other]: both[other], [KEY]: { ...definition("billing"), port: 0 } }));
  expect([...later.refused.keys()].sort()).toEqual([other, KEY].sort());
  expect([...judge.read(entriesOf(both)).declared.values()][0]?.team).toBe("user-platform");
});
