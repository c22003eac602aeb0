import fc from "fast-check";
import { parse, stringify } from "yaml";
import { changesBetween } from "../../../../lib/catalog/changes.js";
import { needsProber } from "../../../../lib/catalog/checks.js";
import { declaredBy } from "../../../../lib/catalog/declared.js";
import { kvSubkey, kvValue } from "../../../../lib/catalog/definition.js";
import { discoverables } from "../../../../lib/catalog/discoverable.js";
import { CatalogError } from "../../../../lib/catalog/problem.js";
import type { Catalog } from "../../../../lib/catalog/types.js";
import { grantsFor } from "../../../../lib/consul/acl/acl-grants.js";
import { renderAclRules } from "../../../../lib/consul/acl/acl-rules.js";
import { standInsOf } from "../../../../lib/consul/stand-ins/stand-in.js";
import { reportBetween } from "../../../../ops/report/diff/report.js";
import { anyCatalog } from "../../../support/catalog-generator.js";
import { catalogOf } from "../../../support/catalog-helpers.js";

/** All that the stacks make of a catalog, each part in an order of its own. */
function rendered(catalog: Catalog) {
  const sorted = <T>(pairs: readonly (readonly [string, T])[]) => [...pairs].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    kv: sorted(
      catalog.teams.map(({ name, services }) => [name, sorted(services.map((s) => [kvSubkey(s), kvValue(s)]))]),
    ),
    rules: Object.values(grantsFor(catalog)).map(({ rules }) => renderAclRules(rules)),
    queries: sorted(discoverables(catalog).map(({ name, failover }) => [name, failover])),
    standIns: sorted(standInsOf(catalog).map((one) => [one.host, one])),
    prober: needsProber(catalog.services),
  };
}

type Files = Readonly<Record<string, string>>;
type Entry = Record<string, unknown>;
interface File {
  team: string;
  defaults?: Entry;
  services: Record<string, Entry>;
}

/** A change that a person might make to one service, and everything that the schema lets them. */
const EDITS: readonly ((file: File, name: string, other: File) => void)[] = [
  ({ services }, name) => Object.assign(services[name] ?? {}, { failover: ["dc2"] }),
  ({ services }, name) => Object.assign(services[name] ?? {}, { failover: ["dc3", "dc2"] }),
  (file) => Object.assign(file, { defaults: { failover: ["dc2"] } }),
  (file) => Object.assign(file, { defaults: { tags: ["of-the-team"] } }),
  (file) => Object.assign(file, { defaults: { meta: { owner: "ann" } } }),
  (file) => Object.assign(file, { defaults: { deregister_critical_service_after: "10m" } }),
  (file) => Object.assign(file, { team: "team-c" }),
  ({ services }, name) => Object.assign(services[name] ?? {}, { region: "eu-west-1" }),
  ({ services }, name) => Object.assign(services[name] ?? {}, { weights: { passing: 7, warning: 0 } }),
  ({ services }, name) => Object.assign(services[name] ?? {}, { deregister_critical_service_after: "never" }),
  ({ services }, name) => Object.assign(services[name] ?? {}, { check: { kind: "none", reason: "another one" } }),
  ({ services }, name) => Object.assign(services[name] ?? {}, { check: { kind: "ttl", ttl: "33s" } }),
  ({ services }, name) =>
    Object.assign(services[name] ?? {}, { check: { kind: "redis", interval: "30s", timeout: "3s" } }),
  ({ services }, name) =>
    Object.assign(services[name] ?? {}, { checks: { more: { kind: "tcp", interval: "30s", timeout: "3s" } } }),
  ({ services }, name) => {
    services[name] = { dynamic: true };
  },
  ({ services }, name) => {
    services[name] = { dynamic: true, failover: ["dc4"] };
  },
  ({ services }, name) => {
    services.renamed_service = services[name] ?? {};
    delete services[name];
  },
  (file, name, other) => {
    other.services[name] = file.services[name] ?? {};
    delete file.services[name];
  },
  // The same in another order: of services, of fields, of meta and of headers.
  (file) => {
    file.services = Object.fromEntries(Object.entries(file.services).reverse());
  },
  ({ services }, name) => {
    services[name] = JSON.parse(JSON.stringify(services[name], reversed));
  },
  ({ services }, name) => {
    services[name] = Object.fromEntries(Object.entries(services[name] ?? {}).reverse());
  },
  () => {},
];

function reversed(_: string, value: unknown): unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).reverse())
    : value;
}

const edits = fc.array(fc.tuple(fc.nat(EDITS.length - 1), fc.nat(), fc.boolean()), { maxLength: 3 });

/** The files after the edits; undefined where they are no catalog any more. */
function edited(files: Files, wanted: readonly (readonly [number, number, boolean])[]): Catalog | undefined {
  const two = Object.values(files).map((text): File => parse(text));
  for (const [edit, service, isFirst] of wanted) {
    const [file, other] = isFirst ? two : [...two].reverse();
    const names = Object.keys(file?.services ?? {});
    const name = names[service % names.length];
    if (file !== undefined && other !== undefined && name !== undefined) EDITS[edit]?.(file, name, other);
  }
  try {
    return catalogOf(Object.fromEntries(two.map((file, index) => [`${index}.yaml`, stringify(file)])));
  } catch (error) {
    if (error instanceof CatalogError) return undefined;
    throw error;
  }
}

test("whatever reaches a stack is told, and nothing is told where two catalogs are the same", () => {
  const seen = { different: 0, same: 0 };
  fc.assert(
    fc.property(anyCatalog, edits, edits, (files, one, two) => {
      const [before, after] = [edited(files, one), edited(files, [...one, ...two])];
      if (before === undefined || after === undefined) return;
      const isSame = JSON.stringify(rendered(before)) === JSON.stringify(rendered(after));
      seen[isSame ? "same" : "different"] += 1;
      const changes = changesBetween(declaredBy(before), declaredBy(after));
      if (!isSame) expect(changes).not.toEqual([]);
      expect(changesBetween(declaredBy(before), declaredBy(before))).toEqual([]);
      // Who owns a service whose instances register themselves reaches no stack, and is told all the same.
      if (isSame) expect(changes.filter(({ words }) => !/^team /.test(words[0] ?? ""))).toEqual([]);
      expect(changes.every(({ words }) => words.length > 0 && words.every((word) => word !== ""))).toBe(true);
    }),
    { numRuns: 60 },
  );
  console.log(`${seen.different} pairs of catalogs that differ, ${seen.same} that do not`);
  expect(Math.min(seen.different, seen.same)).toBeGreaterThan(5);
});

test("two catalogs of which each is any are told apart", () => {
  fc.assert(
    fc.property(anyCatalog, anyCatalog, (one, two) => {
      const [before, after] = [catalogOf(one), catalogOf(two)];
      const isSame = JSON.stringify(rendered(before)) === JSON.stringify(rendered(after));
      expect(changesBetween(declaredBy(before), declaredBy(after)).length === 0).toBe(isSame);
    }),
    { numRuns: 10 },
  );
});

test("a check that Consul cannot make brings the prober, and the last one takes it away: both are told", () => {
  const of = (check: string) =>
    catalogOf({ "a.yaml": `team: t\nservices:\n  x: { port: 1, address: h, check: { kind: ${check} } }\n` });
  const tcp = of("tcp, interval: 30s, timeout: 3s");
  const redis = of("redis, interval: 30s, timeout: 3s");
  expect(reportBetween(tcp, redis).noticed).toEqual([
    "consul-prober is created: Consul does not know every kind of check",
  ]);
  expect(reportBetween(redis, tcp).noticed).toEqual(["consul-prober is destroyed"]);
  expect(reportBetween(redis, redis).noticed).toEqual([]);
});
