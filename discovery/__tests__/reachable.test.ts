import fc from "fast-check";
import { anyTextUpTo } from "../../__tests__/support/any-text.js";
import { faultsOf, team } from "../../__tests__/support/catalog-helpers.js";
import { canonicalHost, ipv4Within, whyNotOfAService, whyNowhere } from "../../lib/catalog/host.js";
import * as ofDiscovery from "../src/reachable.js";
import { serviceDefinition } from "../src/service-definition.js";

type Bytes = readonly [number, number, number, number];
const byte = fc.nat(255);
const anyIPv4: fc.Arbitrary<Bytes> = fc.tuple(byte, byte, byte, byte);
const nowhereIPv4: fc.Arbitrary<Bytes> = fc.oneof(
  fc.tuple(fc.constantFrom(0, 127, 224, 239, 240, 255), byte, byte, byte),
  fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
  fc.constant<Bytes>([255, 255, 255, 255]),
);
const isNowhere = ([a, b]: Bytes) => a === 0 || a === 127 || a >= 224 || (a === 169 && b === 254);

const dotted = (bytes: Bytes) => bytes.join(".");
const based = (n: number, base: number) =>
  base === 16 ? `0x${n.toString(16)}` : base === 8 ? `0${n.toString(8)}` : `${n}`;
const wide = (text: string) => text.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
const groups = ([a, b, c, d]: Bytes) => [a * 256 + b, c * 256 + d].map((n) => n.toString(16)) as [string, string];

/** An IPv4 address in some spelling that some program understands. */
const spelling = (bytes: Bytes): fc.Arbitrary<string> => {
  const [a, b, c, d] = bytes;
  const base = fc.constantFrom(8, 10, 16);
  const [high, low] = groups(bytes);
  return fc.oneof(
    fc.tuple(base, base, base, base).map((bases) => bytes.map((n, index) => based(n, bases[index] ?? 10)).join(".")),
    fc.tuple(base, base).map(([x, y]) => `${based(a, x)}.${based((b * 256 + c) * 256 + d, y)}`),
    fc.tuple(base, base, base).map(([x, y, z]) => `${based(a, x)}.${based(b, y)}.${based(c * 256 + d, z)}`),
    base.map((x) => based(((a * 256 + b) * 256 + c) * 256 + d, x)),
    fc.constantFrom(
      `${dotted(bytes)}.`,
      wide(dotted(bytes)),
      `::ffff:${dotted(bytes)}`,
      `::FFFF:${high}:${low}`,
      `[::ffff:${high}:${low}]`,
      `0:0:0:0:0:ffff:${high.padStart(4, "0")}:${low.padStart(4, "0")}`,
      `0000::ffff:${dotted(bytes)}`,
    ),
  );
};

/** An IPv6 address in two spellings. */
const twoIPv6 = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 0xffff }), { minLength: 3, maxLength: 3 }), fc.boolean(), fc.boolean())
  .map(([[x = 1, y = 1, z = 1], isUpper, isPadded]) => {
    const short = `2001:${x.toString(16)}::${y.toString(16)}:${z.toString(16)}`;
    const pad = (n: number) => n.toString(16).padStart(isPadded ? 4 : 1, "0");
    const long = `2001:${pad(x)}:0:${isPadded ? "0000" : "0"}:0:0:${pad(y)}:${pad(z)}`;
    return [short, isUpper ? long.toUpperCase() : long] as const;
  });

test("an IPv4 address is the same in every spelling, and none has a service where the address has none", () => {
  fc.assert(
    fc.property(
      fc.oneof(anyIPv4, nowhereIPv4).chain((bytes) => fc.tuple(fc.constant(bytes), spelling(bytes))),
      ([bytes, written]) => {
        expect([written, canonicalHost(written)]).toEqual([written, dotted(bytes)]);
        if (isNowhere(bytes)) expect([written, whyNowhere(written)]).toEqual([written, expect.any(String)]);
      },
    ),
    { numRuns: 5000 },
  );
});

test("an IPv4 address of a machine is taken as it is usually written", () => {
  fc.assert(
    fc.property(
      anyIPv4.filter((bytes) => !isNowhere(bytes)),
      (bytes) => expect(whyNowhere(dotted(bytes))).toBeUndefined(),
    ),
  );
});

test.each([
  ...["::1", "0:0:0:0:0:0:0:1", "[::1]", "::0001", "::1%lo", "localhost", "LocalHost", "localhost.", "a.b.localhost"],
  ...[
    "localhost.localdomain",
    "localhost6",
    "ip6-localhost",
    "ip6-loopback",
    "ip6-allnodes",
    "loc\u00adalhost",
    "ⓛocalhost",
  ],
  ...[
    "::",
    "::0",
    "0::0",
    "[::]",
    "::127.0.0.1",
    "::7f00:1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "2002:7f00:1::",
  ],
  ...[
    "ff02::1",
    "FF0E::5",
    "fe80::1",
    "fe80::1%eth0",
    "FEBF::1",
    "fd00:ec2::254",
    "metadata.google.internal",
    "100::1",
  ],
])("%s has no service", (host) => expect(whyNowhere(host)).toEqual(expect.any(String)));

test.each([
  ...[
    "isa-billing",
    "api.openai.com",
    "localhost.example.com",
    "mylocalhost",
    "10.0.0.7",
    "172.30.242.5",
    "192.168.1.1",
  ],
  ...[
    "2001:db8::5",
    "fd12:3456::1",
    "::ffff:10.0.0.7",
    "64:ff9b::10.0.0.7",
    "1.1.1.1",
    "223.255.255.255",
    "100.64.0.1",
  ],
])("%s can have a service", (host) => expect(whyNotOfAService(host)).toBeUndefined());

test("the IPv4 address is found to which NAT64 or 6to4 carry an IPv6 address, however that is written, and no other", () => {
  fc.assert(
    fc.property(anyIPv4, fc.boolean(), (bytes, isUpper) => {
      const [high, low] = groups(bytes);
      const written = [`64:ff9b::${dotted(bytes)}`, `64:ff9b:0:0:0:0:${high}:${low}`, `2002:${high}:${low}::5`];
      for (const each of written) expect(ipv4Within(isUpper ? each.toUpperCase() : `[${each}]`)).toBe(dotted(bytes));
      for (const each of [dotted(bytes), `2001:${high}:${low}::5`, `64:ff9b:1::${dotted(bytes)}`, "isa-billing"])
        expect([each, ipv4Within(each)]).toEqual([each, undefined]);
    }),
  );
});

test("the catalog and the discovery client judge every host alike", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        nowhereIPv4.chain(spelling),
        anyIPv4.chain(spelling),
        fc.ipV6(),
        fc.domain(),
        twoIPv6.map(([short]) => short),
        anyTextUpTo(20),
      ),
      (host) => {
        expect(ofDiscovery.canonicalHost(host)).toBe(canonicalHost(host));
        expect(ofDiscovery.whyNowhere(host)).toBe(whyNowhere(host));
      },
    ),
    { numRuns: 3000 },
  );
});

const WRITE = "write the host name or address at which others reach the service";

test.each([
  ["127.0.0.1", "means whoever asks: the agent would check itself"],
  ["localhost", "means whoever asks: the agent would check itself"],
  ['"::ffff:7f00:1"', "means whoever asks: the agent would check itself"],
  ['"0x7f000001"', "means whoever asks: the agent would check itself"],
  ["255.255.255.255", "is no address of one machine"],
  ["169.254.169.254", "is link-local: a neighbour of whoever asks, or a cloud's metadata service"],
  ['"0x0a000007"', "is 10.0.0.7 in a spelling that few programs know"],
  ["CONSUL-AGENT-SHARED", "is a name of the platform's own"],
  ["consul-backup", "is a name of the platform's own"],
  ["consul-server-3-tokens-secrets", "is a name of the platform's own"],
  ["consul-ui.rollcall-platform", "is a name of the platform's own"],
])("a service at %s is refused with the reason, in its own words and its team's", (address, why) => {
  const shown = JSON.stringify(address.replaceAll('"', ""));
  expect(faultsOf({ "a.yaml": team("t", [`x: { port: 1, address: ${address} }`]) })).toEqual([
    `a.yaml:6:26: x.address is ${shown}, which ${why}; ${WRITE}`,
  ]);
  const instance = `x: { port: 1, instances: [{ id: a, address: ${address} }] }`;
  expect(faultsOf({ "a.yaml": team("t", [instance]) })).toEqual([
    `a.yaml:6:47: x.instances[0].address is ${shown}, which ${why}; ${WRITE}`,
  ]);
  const ofTeam = team("t", ["x: { port: 1 }"]).replace("isa-{name}", address);
  expect(faultsOf({ "a.yaml": ofTeam })).toEqual([`a.yaml:6:3: x.address is ${shown}, which ${why}; ${WRITE}`]);
});

test("what {name} becomes is judged too", () => {
  const ofName = team("t", ["localhost: { port: 1 }", "consul-ui: { port: 1 }"]).replace("isa-{name}", '"{name}"');
  expect(faultsOf({ "a.yaml": ofName })).toEqual([
    expect.stringContaining('localhost.address is "localhost", which means whoever asks'),
    expect.stringContaining('consul-ui.address is "consul-ui", which is a name of the platform\'s own'),
  ]);
});

test.each([
  ...[
    "127.0.0.1:8500/v1/agent/self",
    "127.1/",
    "2130706433:8500/",
    "0x7f.1",
    "0177.0.0.1",
    "localhost./x",
    "a.localhost",
  ],
  ...[
    "169.254.169.254/latest/api/token",
    "0.0.0.0:80/",
    "255.255.255.255/",
    "127.0.0.1./",
    "LOCALHOST",
    "consul-ui.:8080/",
  ],
  ...["consul-agent-shared:8500/v1/status/leader", "Consul-Server-1:8501/", "staging-consul:8500/", "0xa.1/"],
])("a check of http://%s is refused", (rest) => {
  const check = (kind: string) => `${kind}: { kind: http, url: "http://${rest}", interval: 10s, timeout: 5s }`;
  const asked = /, which (means|is) .*; write the address of what answers for the service$/;
  for (const service of [`x: { port: 1, ${check("check")} }`, `x: { port: 1, checks: { ${check("a")} } }`])
    expect(faultsOf({ "a.yaml": team("t", [service]) })).toEqual([expect.stringMatching(asked)]);
});

test("two services at one address and port are found in every spelling of it", () => {
  const at = (one: string, other: string) =>
    faultsOf({ "a.yaml": team("t", [`x: { port: 1, address: "${one}" }`, `y: { port: 1, address: "${other}" }`]) });
  fc.assert(
    fc.property(twoIPv6, ([one, other]) => {
      expect(at(one, other)).toEqual([
        expect.stringMatching(/^a\.yaml:7:3: y has the address .* taken at a\.yaml:6; /),
      ]);
    }),
    { numRuns: 30 },
  );
  expect(at("::ffff:10.0.0.1", "10.0.0.1")).toHaveLength(1);
  expect(at("10.0.0.1", "10.0.0.2")).toEqual([]);
});

test("fails: an instance registers itself at no address that means the agent or nobody", () => {
  const at = (address: string) => serviceDefinition({ name: "web", port: 1, address }, {});
  for (const address of [
    "127.0.0.1",
    "localhost",
    "::1",
    "[::1]",
    "::ffff:127.0.0.1",
    "255.255.255.255",
    "fe80::1%eth0",
    "2130706433",
  ])
    expect(() => at(address)).toThrow(/^The address of web is ".*", which .*\. Set SERVICE_HOST or say address/);
  for (const wildcard of ["0.0.0.0", "::", "[::]", "0", "*", "", "::ffff:0.0.0.0", "0:0:0:0:0:0:0:0"])
    expect(at(wildcard).Address).toBe(at("0.0.0.0").Address);
  expect(at("[2001:db8::5]").Address).toBe("2001:db8::5");
});
