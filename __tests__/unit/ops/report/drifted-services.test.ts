import { sentence } from "../../../../lib/catalog/changes.js";
import { declaredBy } from "../../../../lib/catalog/declared.js";
import type { LiveInstance } from "../../../../ops/consul/api/catalog.js";
import { driftedServices } from "../../../../ops/report/drifted-services.js";
import { catalogOf, team } from "../../../support/catalog-helpers.js";

const { definitions } = declaredBy(
  catalogOf({
    "a.yaml": team("t", [
      "x: { port: 1, tags: [v1], meta: { b: '1', a: '2' }, weights: { passing: 3, warning: 1 } }",
      "y: { port: 2, instances: [{ id: y-1 }] }",
    ]),
  }),
);
const live: readonly LiveInstance[] = definitions.map(({ id, name, address, port, tags, meta }) => ({
  ...{ node: "consul-agent-shared", id, name, address, port, tags },
  // Consul sorts them.
  meta: Object.fromEntries(Object.entries(meta).sort()),
}));
const [x, y] = live as [LiveInstance, LiveInstance];
const consul = { ...x, node: "consul-server-1", id: "consul", name: "consul" };
const drift = (...instances: readonly LiveInstance[]) => driftedServices(definitions, instances).map(sentence);

test("what Consul has as it was applied has not drifted, whatever its weights and checks, and in whatever order", () => {
  expect(drift(y, consul, x)).toEqual([]);
});

test("what is gone, otherwise or too much is told as diff tells it, what is gone first", () => {
  const stranger = { ...x, id: "z-1", name: "z", meta: {}, tags: [] };
  expect(drift(stranger, { ...x, port: 9, tags: ["v2"], meta: { ...x.meta, b: "7" } })).toEqual([
    "- y/y-1 of t removed, isa-y:2, http check",
    "x: port 1 → 9; tags +v2 -v1; meta b 1 → 7",
    "+ z/z-1 added, isa-x:1",
  ]);
});

test("a service that is registered once more on another node is told with that node", () => {
  expect(drift(x, y, { ...x, node: "consul-server-1", tags: [], meta: {} })).toEqual([
    "+ x added, isa-x:1; node consul-server-1",
  ]);
});

test("a service that stands on another node instead is gone where it was applied", () => {
  expect(drift(x, { ...y, node: "elsewhere", meta: {} })).toEqual([
    "- y/y-1 of t removed, isa-y:2, http check",
    "+ y/y-1 added, isa-y:2; node elsewhere",
  ]);
});

test("another name under an applied id is a difference of that service", () => {
  expect(drift({ ...x, name: "w" }, y)).toEqual(["x: name x → w"]);
});
