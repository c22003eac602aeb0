import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { readTeamFile } from "../../../../lib/catalog/team-file.js";
import { invisibleIn } from "../../../../lib/catalog/text.js";
import { anyTextUpTo } from "../../../support/any-text.js";
import { anyCatalog } from "../../../support/catalog-generator.js";
import { catalogOf, faultsOf } from "../../../support/catalog-helpers.js";

/** The aim is one second for any input; the deadline is three times that, in CPU time: other work on the machine does not count. */
const WITHIN_MS = 3000;
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const seed = readFileSync(join(import.meta.dirname, "../../../../service-catalog/grpc-services.yaml"));

/** Bytes changed, cut out, doubled or put in at a few places of a good file. */
const mutated = fc
  .array(fc.tuple(fc.nat(seed.length - 1), fc.nat(20), fc.uint8Array({ maxLength: 12 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((edits) =>
    edits.reduce(
      (bytes, [at, cut, put]) =>
        Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(Math.min(at + cut, bytes.length))]),
      seed,
    ),
  );

test("10,000 mutations of a good file are each a catalog or refusals with a place and a remedy, within a second", () => {
  let slowest = 0;
  let refused = 0;
  const { stackTraceLimit } = Error;
  // A third of the time went into the stacks of mistakes that YAML finds by the thousand.
  Error.stackTraceLimit = 0;
  try {
    fc.assert(
      fc.property(mutated, (bytes) => {
        const begun = cpuMs();
        const { problems, services } = readTeamFile("a.yaml", bytes.toString("utf8"));
        slowest = Math.max(slowest, cpuMs() - begun);
        refused += problems.length > 0 ? 1 : 0;
        // Plain comparisons: 10,000 times `expect` would take a minute.
        const unclear = problems.filter(
          ({ line, column, message, remedy }) =>
            Math.min(line, column, message.length, remedy.length) < 1 ||
            /\n|undefined|\[object|at \w+ \(/.test(message),
        );
        return problems.length + services.length > 0 && unclear.length === 0;
      }),
      { numRuns: 10_000 },
    );
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  console.log(`10,000 mutations, ${refused} refused, the slowest in ${slowest.toFixed(0)} ms`);
  expect(refused).toBeGreaterThan(1000);
  expect(slowest).toBeLessThan(WITHIN_MS);
});

const list = (count: number, line: string) =>
  Array.from({ length: count }, (_, n) => line.replaceAll("N", `${n}`)).join("\n");
test.each([
  ["an alias bomb", `a: &a [x, x, x, x, x, x, x, x, x]\n${list(9, "bN: &bN [*a, *a, *a, *a, *a, *a, *a, *a, *a]")}`],
  ["100,000 brackets", "[".repeat(100_000)],
  ["100,000 levels of mappings", "{a: ".repeat(100_000)],
  ["10,000 levels of indentation", Array.from({ length: 700 }, (_, n) => `${" ".repeat(n)}a:`).join("\n")],
  ["binary", Buffer.from(Array.from({ length: 65_536 }, (_, n) => (n * 7919) % 256))],
  ["a file of NULs", Buffer.alloc(100_000)],
  ["1 MiB of dashes", "-".repeat(1024 * 1024)],
  ["1 MiB of exclamation marks", "!".repeat(1024 * 1024)],
  ["2 MiB", `team: t\n${"# x\n".repeat(524_288)}`],
  ["20,000 unknown fields", `team: t\n${list(20_000, "fieldN: 1")}`],
])("%s is refused within a second", (_, bytes) => {
  const begun = cpuMs();
  const faults = faultsOf({ "a.yaml": bytes });
  expect(faults.length).toBeGreaterThan(0);
  expect(cpuMs() - begun).toBeLessThan(WITHIN_MS);
});

const HEAD =
  "team: t\ndefaults: { address: h, check: { kind: http, path: /, interval: 10s, timeout: 5s } }\nservices:\n";
const LONG = 100_000;
const fields: readonly [string, (long: string) => string][] = [
  ["name", (long) => `${HEAD}  ${long}: { port: 1 }`],
  ["team", (long) => `team: ${long}\nservices: { x: { port: 1 } }`],
  ["address", (long) => `${HEAD}  x: { port: 1, address: ${long} }`],
  ["region", (long) => `${HEAD}  x: { port: 1, region: ${long} }`],
  ["tag", (long) => `${HEAD}  x: { port: 1, tags: [${long}] }`],
  ["meta key", (long) => `${HEAD}  x: { port: 1, meta: { ? ${long} : v } }`],
  ["meta", (long) => `${HEAD}  x: { port: 1, meta: { k: ${long} } }`],
  ["failover", (long) => `${HEAD}  x: { port: 1, failover: [${long}] }`],
  ["id", (long) => `${HEAD}  x: { port: 1, instances: [{ id: ${long} }] }`],
  ["time to be dropped", (long) => `${HEAD}  x: { port: 1, deregister_critical_service_after: ${long} }`],
  ...["interval", "timeout", "path", "url", "body", "method", "kind", "ca_pem", "tls_server_name"].map(
    (field): [string, (long: string) => string] => [
      `check's ${field}`,
      (long) => `${HEAD}  x: { port: 1, check: { ${field}: ${long} } }`,
    ],
  ),
  ["header", (long) => `${HEAD}  x: { port: 1, check: { header: { ? ${long} : ${long.slice(0, 20)} } } }`],
  ["ttl", (long) => `${HEAD}  x: { port: 1, check: { kind: ttl, ttl: ${long} } }`],
  ["alias", (long) => `${HEAD}  x: { port: 1, check: { kind: alias, service: ${long} } }`],
  ["reason", (long) => `${HEAD}  x: { port: 1, check: { kind: none, reason: ${long} } }`],
  ["role", (long) => `${HEAD}  x: { port: 1, check: { kind: postgres, user: ${long}, interval: 9s, timeout: 9s } }`],
  ["unknown field", (long) => `${HEAD}  x: { port: 1, ? ${long} : 1 }`],
];

// Digits made the interval's pattern work for minutes, at a length that a pull request can have (W5).
test.each(fields)("%s: 100,000 characters are refused in no time, whatever they are", (_, write) => {
  for (const unit of ["1", "a-", "/%", "-----BEGIN CERTIFICATE-----A"]) {
    const begun = cpuMs();
    const { problems } = readTeamFile("a.yaml", write(`"${unit.repeat(LONG / unit.length)}"`));
    expect(problems.length).toBeGreaterThan(0);
    expect(cpuMs() - begun).toBeLessThan(WITHIN_MS);
  }
});

test.each([
  [
    "aliases of nothing",
    2000,
    (n: number) => `s${n}: { port: 1, address: h${n}, check: { kind: alias, service: q${n}q } }`,
  ],
  [
    "aliases in one circle",
    2000,
    (n: number) => `s${n}: { port: 1, address: h${n}, check: { kind: alias, service: s${(n + 1) % 2000} } }`,
  ],
  [
    "uses of a check with mistakes",
    900,
    (n: number) =>
      `s${n}: { port: 1, check: ${n === 0 ? "&c { kind: tcp, interval: 1s, timeout: 0s, foo: 1 }" : "*c"} }`,
  ],
])("%s by the thousand are refused within seconds", (_, count, line) => {
  const services = Array.from({ length: count }, (__, n) => `  ${line(n)}`).join("\n");
  const begun = cpuMs();
  const faults = faultsOf({ "a.yaml": HEAD + services });
  expect(faults.length).toBeGreaterThan(0);
  expect(cpuMs() - begun).toBeLessThan(3 * WITHIN_MS);
});

// The registrar's test reads 200 more.
test("whatever the schema lets somebody write is a catalog without a fault", () => {
  fc.assert(
    fc.property(anyCatalog, (files) => expect(faultsOf(files)).toEqual([])),
    { numRuns: 100 },
  );
});

test("every value arrives as it was written, whatever it holds", () => {
  fc.assert(
    fc.property(anyTextUpTo(60), (any) => {
      const note = [...any].map((each) => (invisibleIn(each) === undefined ? each : "\n")).join("");
      const one = `team: t\nservices:\n  x: { port: 1, address: h, meta: { note: ${JSON.stringify(note)} }, check: { kind: none, reason: r } }\n`;
      expect(catalogOf({ "a.yaml": one }).services[0]?.meta.note).toBe(note);
    }),
    { numRuns: 300 },
  );
});
