import { describeForeignKeys, foreignKeys, judgeForeignKeys } from "../../../../ops/consul/foreign-keys.js";

const teams = [{ name: "user-platform" }];
const found = (...keys: readonly string[]) => foreignKeys(keys, teams, { httpPort: 9500 });
const TOKEN = 'echo "X-Consul-Token: $(npx rollcall token management)" | curl -X';

test("the keys of a declared team are nobody else's, whatever is below it: up takes away what no file declares", () => {
  expect(found("catalog/user-platform/billing_service", "catalog/user-platform/foreign", "elsewhere/x")).toEqual([]);
});

test("those of another team are told together, with one command that deletes them and keeps the token to itself", () => {
  const [group, ...others] = found("catalog/nobody/a", "catalog/nobody/b", "catalog/user-platform/x");
  expect(others).toEqual([]);
  expect(group === undefined ? "" : describeForeignKeys(group)).toBe(
    "catalog/nobody/: 2 keys of no team of the catalog: a, b",
  );
  expect(group?.command).toBe(`${TOKEN} DELETE -H @- 'http://localhost:9500/v1/kv/catalog/nobody/?recurse'`);
});

test.each([
  ["catalog/top", `${TOKEN} DELETE -H @- http://localhost:9500/v1/kv/catalog/top`],
  // Never everything: a folder's key is one key.
  ["catalog/", `${TOKEN} DELETE -H @- http://localhost:9500/v1/kv/catalog/`],
  [
    "catalog//x",
    `${TOKEN} PUT -H @- -d '[{"KV":{"Verb":"delete-tree","Key":"catalog//"}}]' http://localhost:9500/v1/txn`,
  ],
  [
    "catalog/../x",
    `${TOKEN} PUT -H @- -d '[{"KV":{"Verb":"delete-tree","Key":"catalog/../"}}]' http://localhost:9500/v1/txn`,
  ],
])("the command for %s", (key, command) => {
  expect(found(key).map((each) => each.command)).toEqual([command]);
});

test("a team whose name begins as a declared one's is another team", () => {
  expect(found("catalog/user-platform-2/x", "catalog/user/x").map(({ below }) => below)).toEqual([
    "catalog/user-platform-2/",
    "catalog/user/",
  ]);
});

test("of many teams five are told, and how many more there are", () => {
  const keys = Array.from({ length: 1524 }, (_, index) => `catalog/nobody-${index}/x`);
  expect(
    judgeForeignKeys(found(...keys))
      .map(({ what }) => what)
      .slice(-2),
  ).toEqual([
    "catalog/nobody-4/x: a key of no team of the catalog",
    "1519 more keys and prefixes below catalog/ are of no team of the catalog",
  ]);
  expect(judgeForeignKeys([])).toEqual([]);
});
