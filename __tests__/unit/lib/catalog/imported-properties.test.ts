import fc from "fast-check";
import { importedFiles } from "../../../../lib/catalog/imported/files.js";
import type { RegisteredCheck, Registration } from "../../../../lib/catalog/imported/registration.js";
import { anyTextUpTo } from "../../../support/any-text.js";
import { catalogOf, faultsOf } from "../../../support/catalog-helpers.js";

const text = fc.oneof(anyTextUpTo(20), fc.constantFrom("a", "v1", "a b", "${a}", "team: x"));
const host = fc.constantFrom(
  "10.0.0.1",
  "10.0.0.2",
  "isa-a",
  "ISA-A",
  "localhost",
  "127.0.0.1",
  "::1",
  "2001:db8::1",
  "169.254.169.254",
  "",
);
const port = fc.constantFrom(0, 1, 80, 443, 8080, 8081, 65535, 70000);
const bracketed = (address: string) => (address.includes(":") ? `[${address}]` : address);
const target = fc.tuple(host, port).map(([address, at]) => `${bracketed(address)}:${at}`);
const url = fc
  .tuple(
    fc.constantFrom("http", "https"),
    target,
    fc.constantFrom("", "/", "/health", "/a?b=c", "/a b", "/?token=hunter2", "/#x", "//x"),
  )
  .map(([scheme, at, path]) => `${scheme}://${at}${path}`);
const output = fc.oneof(
  fc
    .tuple(fc.constantFrom("GET", "POST", "DELETE", "X"), url)
    .map(([method, asked]) => `HTTP ${method} ${asked}: 200 OK Output: `),
  fc
    .tuple(fc.constantFrom("Get", "Put"), url)
    .map(([method, asked]) => `${method} "${asked}": dial tcp 10.0.0.1:80: i/o timeout`),
  target.map((at) => `TCP connect ${at}: Success`),
  target.map((at) => `TCP+TLS connect ${at}: Success`),
  target.map((at) => `dial tcp ${at}: connect: connection refused`),
  target.map((at) => `gRPC check ${at}/a.B: success`),
  target.map((at) => `gRPC ${at} serving status: NOT_SERVING`),
  text,
);
const time = fc.constantFrom("", "0s", "500ms", "5s", "10s", "1m0s", "1h0m0.5s", "x", "-1s");
const check: fc.Arbitrary<RegisteredCheck> = fc.record({
  ofNode: fc.oneof({ weight: 8, arbitrary: fc.constant("") }, fc.constantFrom("serfHealth", "disk")),
  type: fc.constantFrom("http", "tcp", "grpc", "ttl", "", "script", "maintenance", "alias", "unheard-of"),
  status: fc.constantFrom("passing", "warning", "critical", "unheard-of"),
  interval: time,
  timeout: time,
  output,
  definition: fc.oneof(
    { weight: 4, arbitrary: fc.constant({ more: [] }) },
    fc.record({ http: url, more: fc.constant(["Header"]) }),
    fc.record({ tcp: target, tls: fc.boolean(), more: fc.constant([]) }),
  ),
});
const seldom = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: odd });
const place = fc.record({
  address: seldom(fc.constantFrom("10.0.0.1", "10.0.0.2", "10.0.0.3", "isa-a", "2001:db8::1"), host),
  port: seldom(fc.integer({ min: 1, max: 65535 }), port),
});

/** Mostly a check of the service itself, as an agent makes it. */
function checkOf({ address, port: own }: { readonly address: string; readonly port: number }) {
  const at = `${bracketed(address)}:${own}`;
  const usual = fc.record({
    ...{ ofNode: fc.constant(""), status: seldom(fc.constant("passing"), fc.constant("critical")) },
    ...{ interval: fc.constantFrom("10s", "30s"), timeout: fc.constant("5s"), definition: fc.constant({ more: [] }) },
    kind: fc.constantFrom(
      ...[
        { type: "http", output: `HTTP GET http://${at}/health: 200 OK Output: ` },
        { type: "http", output: `Get "http://${at}/health": dial tcp ${at}: i/o timeout` },
        { type: "tcp", output: `TCP connect ${at}: Success` },
      ],
    ),
  });
  return fc.oneof(
    { weight: 6, arbitrary: usual.map(({ kind, ...rest }): RegisteredCheck => ({ ...rest, ...kind })) },
    { weight: 1, arbitrary: check },
  );
}

const registration: fc.Arbitrary<Registration> = place.chain(({ address, port: own }) =>
  fc.record({
    id: seldom(fc.stringMatching(/^[a-z]{1,3}$/), fc.constantFrom("a_service", "x:1", "x/y", "A B")),
    name: seldom(fc.constantFrom("a", "b", "a_service", "x"), fc.constantFrom("a-service", "Upper")),
    kind: seldom(fc.constant(""), fc.constant("connect-proxy")),
    node: fc.constantFrom("n1", "n2"),
    nodeAddress: fc.constantFrom("10.0.0.1", "10.0.0.2"),
    ...{ address: fc.constant(address), port: fc.constant(own) },
    tags: fc.array(text, { maxLength: 3 }),
    meta: fc.dictionary(fc.constantFrom("team", "region", "k", "not.a.key", "__proto__"), text, { maxKeys: 3 }),
    weights: fc.record({ passing: seldom(fc.constantFrom(1, 5), fc.constant(0)), warning: fc.constantFrom(0, 1) }),
    checks: fc.array(checkOf({ address, port: own }), { maxLength: 2 }),
  }),
);

test("whatever a Consul holds: the files are a catalog, each instance is in it or told, and nothing critical counts as healthy", () => {
  const seen = { declared: 0, left: 0, critical: 0 };
  fc.assert(
    fc.property(fc.array(registration, { minLength: 1, maxLength: 8 }), (registrations) => {
      const files = importedFiles(registrations);
      const yaml = files.filter(({ name }) => name.endsWith(".yaml"));
      const texts = Object.fromEntries(yaml.map(({ name, text: content }) => [name, content]));
      if (yaml.length > 0) expect(faultsOf(texts)).toEqual([]);
      const services = yaml.length === 0 ? [] : catalogOf(texts).services;
      const left = files.flatMap((file) => file.left);
      for (const each of registrations) {
        const declared = services.find(
          ({ id, name, address }) => id === each.id && name === each.name && address === each.address,
        );
        const isCritical = each.checks.some(({ status }) => !["passing", "warning"].includes(status));
        if (declared === undefined) {
          expect(left.some((why) => why.startsWith(each.name.slice(0, 60)))).toBe(true);
          seen.left += 1;
        } else if (isCritical) {
          seen.critical += 1;
          const twins = registrations.filter(
            ({ id, name, address }) => id === each.id && name === each.name && address === each.address,
          );
          if (twins.length === 1) expect(declared.checks.map(({ check: { kind } }) => kind)).not.toContain("none");
        }
        seen.declared += declared === undefined ? 0 : 1;
      }
      const whole = files.map((file) => [file.text, ...file.left, ...file.notes].join("\n")).join("\n");
      expect(whole).not.toContain("hunter2");
    }),
    { numRuns: 40 },
  );
  console.log(`${seen.declared} declared, of these ${seen.critical} critical, ${seen.left} left out`);
  expect(Math.min(seen.declared, seen.left)).toBeGreaterThan(1);
});
