import fc from "fast-check";
import { stringify } from "yaml";
import { dnsName } from "../../lib/catalog/discoverable.js";
import { isSecretBody, isSecretValue, namesSecret, secretInUrl } from "../../lib/catalog/secret.js";
import { invisibleIn } from "../../lib/catalog/text.js";
import { anyTextUpTo } from "./any-text.js";

/** Any text, control characters and the signs of every template language included. */
const anyText = fc.oneof(
  anyTextUpTo(40),
  fc.constantFrom(
    "${a}",
    "%{b}",
    '"',
    "'",
    "\\",
    "two\nlines",
    "tab\there",
    "{{ c }}",
    "<!--",
    "é🚀",
    "yes",
    "1.0",
    "~",
    "",
  ),
);
/** The same as a catalog takes it: no character that nobody sees. */
const shown = (text: string, kept = "") =>
  [...text].map((each) => (kept.includes(each) || invisibleIn(each) === undefined ? each : "-")).join("");
const word = (pattern: RegExp) => fc.stringMatching(pattern);
const duration = (minimum: number) => fc.integer({ min: minimum, max: 600 }).map((seconds) => `${seconds}s`);
const oneLine = anyText.map((text) => shown(text)).filter((text) => !isSecretValue(text));
const count = fc.integer({ min: 0, max: 1000 });

const timing = {
  interval: fc.integer({ min: 10, max: 600 }).map((seconds) => `${seconds}s`),
  timeout: fc.integer({ min: 1, max: 10 }).map((seconds) => `${seconds}s`),
};
const thresholds = { success_before_passing: count, failures_before_critical: count };
const role = word(/^[A-Za-z_][A-Za-z0-9_-]{0,20}$/);
const share = fc.integer({ min: 1, max: 100 });
const tlsName = fc.constantFrom("a.example.com", "b");
const plainUrl = fc
  .tuple(fc.constantFrom("http", "https"), fc.domain(), word(/^(\/[A-Za-z0-9._-]{0,12}){0,4}$/))
  .map(([scheme, host, path]) => `${scheme}://${host}${path}`);
const timed = { requiredKeys: ["kind", "interval", "timeout"] as ("kind" | "interval" | "timeout")[] };
const check = fc.oneof(
  fc.record({ kind: fc.constant("tcp"), ...timing, ...thresholds }, timed),
  fc.record(
    {
      kind: fc.constant("http"),
      path: word(/^\/[A-Za-z0-9._~!$&'()*+,;=:@/?-]{0,30}$/).filter((path) => secretInUrl(path) === undefined),
      method: fc.constantFrom("GET", "HEAD", "OPTIONS", "POST", "PUT"),
      header: fc.dictionary(
        word(/^[a-z0-9-]{1,20}$/).filter((name) => !namesSecret(name)),
        oneLine,
        { maxKeys: 4 },
      ),
      body: oneLine.filter((body) => !isSecretBody(body)),
      ...timing,
      ...thresholds,
    },
    { requiredKeys: ["kind", "path", "interval", "timeout"] },
  ),
  fc.record(
    { kind: fc.constant("http"), url: plainUrl, ...timing },
    { requiredKeys: ["kind", "url", "interval", "timeout"] },
  ),
  fc.record(
    { kind: fc.constant("grpc"), service: word(/^[A-Za-z_][A-Za-z0-9_.]{0,20}$/), ...timing, ...thresholds },
    timed,
  ),
  fc.record(
    { kind: fc.constant("grpc"), tls: fc.constant(true), tls_server_name: tlsName, ...timing },
    { requiredKeys: ["kind", "tls", "interval", "timeout"] },
  ),
  fc.record(
    { kind: fc.constant("postgres"), user: role, database: role, ...timing, ...thresholds },
    { requiredKeys: ["kind", "user", "interval", "timeout"] },
  ),
  fc.record({ kind: fc.constant("redis"), ...timing, ...thresholds }, timed),
  fc.record({ kind: fc.constant("resources"), cpu: share, memory: share, disk: share, ...timing }, timed),
  fc.record({ kind: fc.constant("ttl"), ttl: duration(1) }),
);
const none = fc.record({ kind: fc.constant("none"), reason: word(/^[a-z ]{1,20}[a-z]$/) });
const weights = fc.record({ passing: fc.integer({ min: 1, max: 65535 }), warning: fc.integer({ min: 0, max: 65535 }) });

const service = fc.record(
  {
    port: fc.integer({ min: 1, max: 65535 }),
    tags: fc.array(
      anyText.map((text) => shown(text).replace(/\s/gu, "-") || "-"),
      { maxLength: 5 },
    ),
    meta: fc.dictionary(
      word(/^[A-Za-z0-9_-]{1,20}$/).filter(
        (key) => key !== "team" && key !== "region" && !key.startsWith("consul-") && key !== "__proto__",
      ),
      anyText.map((text) => shown(text, "\n\t")),
      { maxKeys: 5 },
    ),
    check: fc.oneof({ weight: 9, arbitrary: check }, none),
    checks: fc.dictionary(word(/^further-[a-z]{1,9}$/), check, { maxKeys: 3 }),
    region: word(/^[a-z0-9][a-z0-9-]{0,20}$/),
    weights,
    instances: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    deregister_critical_service_after: fc.oneof(fc.constant("never"), duration(60)),
  },
  { requiredKeys: ["port", "check"] },
);

/** A catalog within the rules, as the text of its files: two teams, any values wherever any are allowed. */
export const anyCatalog: fc.Arbitrary<Readonly<Record<string, string>>> = fc
  .uniqueArray(
    word(/^[a-z][a-z0-9_-]{0,30}$/).filter((name) => name !== "consul"),
    { minLength: 2, maxLength: 12, selector: dnsName },
  )
  .chain((names) =>
    fc.tuple(...names.map(() => service)).map((services) => {
      // Each at an address of its own: two may draw the same port.
      const entries = names.map((name, index) => {
        const { instances: count, ...entry } = services[index] ?? {};
        const ids = Array.from({ length: count ?? 0 }, (_, n) => ({
          id: `${name.slice(0, 20)}:${index}.${n}`,
          address: `host-${index}-${n}`,
        }));
        const instances = count === undefined ? {} : { instances: ids };
        return [name, { ...entry, address: `host-${index}`, ...instances }] as const;
      });
      const file = (team: string, from: number, to: number) =>
        stringify({ team, services: Object.fromEntries(entries.slice(from, to)) });
      return { "a.yaml": file("team-a", 0, 1), "b.yaml": file("team-b", 1, entries.length) };
    }),
  );
