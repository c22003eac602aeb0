import {
  BODY,
  COUNT_LARGE_BODIES,
  LARGE_PATHS,
  renderBody,
  renderLargeBodies,
  TAKES_LARGE,
} from "../../../../../lib/consul/nginx/nginx-bodies.js";
import { blockOf, valuesOf } from "../../../../support/nginx-text.js";

const takesLarge = new RegExp(LARGE_PATHS);

test.each(["/v1/kv/a", "/v1/kv/a/b", "/v1/txn", "/v1/acl/policy", "/v1/acl/token/x"])(
  "%s takes a large body",
  (path) => {
    expect(path).toMatch(takesLarge);
  },
);

test.each([
  ...["/v1/agent/service/register", "/v1/session/create", "/v1/config", "/v1/catalog/register", "/v1/event/fire/x"],
  ...["/v1/txn/x", "/v1/kvx", "/v1/snapshot", "/ui/v1/kv/a", "/v1/query"],
])("%s does not", (path) => {
  expect(path).not.toMatch(takesLarge);
});

test("a location takes them as they are", () => {
  expect(TAKES_LARGE).toBe(`~ ${LARGE_PATHS}`);
});

test.each([BODY.usual, BODY.large])("a body of %s at most fits into the memory for it", (size) => {
  const text = renderBody(size);
  expect(valuesOf(text, "client_max_body_size")).toEqual([size]);
  expect(valuesOf(text, "client_body_buffer_size")).toEqual([size]);
});

/** Whether a request with these headers counts as one with a large body. */
function isLarge(encoding: string, length: string): boolean {
  const rules = blockOf(COUNT_LARGE_BODIES, "$large_body {");
  const patterns = [...rules.matchAll(/^ *"~(.*)" yes;$/gm)].map(([, pattern = ""]) => new RegExp(pattern));
  expect(patterns).toHaveLength(3);
  return patterns.some((pattern) => pattern.test(`${encoding}|${length}`));
}

test("a large body is one of more than 64 KiB, or of a length that nobody says", () => {
  const edges = [0, 1, 9, 64, 655, 6553, 7000, 65530, 65536, 65537, 65539, 65540, 65599, 65600, 65999, 66000, 69999];
  for (const length of [...edges, 70000, 99999, 100000, 655360, 1048576, 10 ** 12])
    for (const spelling of [`${length}`, `000${length}`])
      expect([spelling, isLarge("", spelling)]).toEqual([spelling, length > 65536]);
  expect(isLarge("", "")).toBe(false);
  expect(isLarge("chunked", "")).toBe(true);
});

test("large bodies are counted by address and in all, and no other request is", () => {
  expect(valuesOf(COUNT_LARGE_BODIES, "limit_conn_zone")).toEqual([
    "$large_body_of zone=large_bodies_per_address:1m",
    "$large_body zone=large_bodies_all:32k",
  ]);
  const counted = ["$large_body {", "$large_body_of {"].map((map) => blockOf(COUNT_LARGE_BODIES, map));
  expect(counted.map((map) => valuesOf(map, "default"))).toEqual([['""'], ['""']]);
  expect(valuesOf(counted[1] ?? "", "yes")).toEqual(["$binary_remote_addr"]);
  expect(valuesOf(renderLargeBodies({ perAddress: 2, all: 3 }), "limit_conn")).toEqual([
    "large_bodies_per_address 2",
    "large_bodies_all 3",
  ]);
});

test.each([
  ["GET yes", true],
  ["HEAD yes", true],
  ["GET ", false],
  ["PUT yes", false],
])("a read with a large body is refused (%s: %s)", (request, isRefused) => {
  const rules = blockOf(COUNT_LARGE_BODIES, "$large_read {");
  expect(new RegExp(/"~(.*)" yes;/.exec(rules)?.[1] ?? "nothing").test(request)).toBe(isRefused);
});
