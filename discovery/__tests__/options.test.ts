import fc from "fast-check";
import { createDiscovery } from "../src/create-discovery.js";
import type { Discovery } from "../src/discovery.js";
import { InvalidOption } from "../src/errors.js";
import type { DiscoveryOptions } from "../src/options.js";
import { postgresProbe } from "../src/probes/postgres.js";
import { redisProbe } from "../src/probes/redis.js";
import { resourcesProbe } from "../src/probes/resources.js";
import { seeded } from "../src/random-source.js";
import { DISCOVERY } from "../src/shapes.js";
import { RegionBased } from "../src/strategies/region-based.js";
import { FakeConsul } from "./support/fake-consul.js";

let consul: FakeConsul;
let port: number;
const opened: Discovery[] = [];

beforeEach(async () => {
  consul = new FakeConsul();
  consul.set("web", [{ id: "a" }]);
  port = await consul.start();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
  await consul.stop();
});

/** Options as plain JavaScript passes them: no compiler has looked at them. */
function discover(options: unknown = {}): Discovery {
  const made = createDiscovery({ port, env: {}, ...(options as DiscoveryOptions) });
  opened.push(made);
  return made;
}

test.each<[unknown, string]>([
  [{ strategy: "round-robbin" }, 'is "round-robbin". Pass a function, or one of p2c, random, round-robin'],
  [{ strategy: "round-robbin" }, "did you mean round-robin?"],
  [{ strategy: "toString" }, 'createDiscovery.strategy is "toString"'],
  [{ strategy: "constructor" }, 'createDiscovery.strategy is "constructor"'],
  [{ strategy: "region-based" }, "region-based does not know its own region"],
  [{ portt: 8500 }, "There is no option createDiscovery.portt. Did you mean port?"],
  [{ tokn: "x" }, "There is no option createDiscovery.tokn. Did you mean token?"],
  [{ maxAge: 1 }, "There is no option createDiscovery.maxAge. Did you mean maxAgeMs?"],
  [{ cert: "pem" }, "There is no option createDiscovery.cert"],
  [{ outliers: { maxEject: 0.1 } }, "There is no option createDiscovery.outliers.maxEject. Did you mean maxEjected?"],
  [{ outliers: { maxEjected: 10 } }, "createDiscovery.outliers.maxEjected is 10. Pass a number, from 0 to 1."],
  [{ port: "8500x" }, 'createDiscovery.port is "8500x". Pass a number, from 1 to 65535.'],
  [{ port: "8500" }, 'createDiscovery.port is "8500"'],
  [{ port: 0 }, "createDiscovery.port is 0"],
  [{ port: 8500.5 }, "createDiscovery.port is 8500.5. Pass a whole number."],
  [{ port: Number.NaN }, "createDiscovery.port is NaN"],
  [{ metrics: {} }, "createDiscovery.metrics"],
  [{ metrics: { start: () => {}, outcome: () => {} } }, "an object with the methods start, outcome, ejected"],
  [{ random: Math }, "an object with the methods below, fraction"],
  [{ host: "" }, 'createDiscovery.host is "". Pass a string that is not empty.'],
  [{ host: null }, "createDiscovery.host is null"],
  [{ host: "http://consul:8500" }, 'host is "http://consul:8500", which is not the name or the IP address of a host.'],
  [
    { host: "http://consul:8500" },
    'Write the host alone, such as "consul"; the port and TLS have settings of their own.',
  ],
  [{ host: "consul:8500" }, 'Write the host alone, such as "consul"'],
  [{ host: "consul/path" }, "which is not the name or the IP address"],
  [{ host: "user@consul" }, "which is not the name or the IP address"],
  [{ host: "consul\u200b" }, "which is not the name or the IP address"],
  [{ tls: "true" }, 'createDiscovery.tls is "true". Pass true or false.'],
  [{ token: 12345 }, "createDiscovery.token is a number. Pass a string."],
  [{ timeoutMs: "5s" }, 'createDiscovery.timeoutMs is "5s"'],
  [{ timeoutMs: 2 ** 31 }, "createDiscovery.timeoutMs is 2147483648. Pass a number, from 0 to 2147483647."],
  [{ backoffMs: 200 }, "createDiscovery.backoffMs is 200"],
  [{ maxSockets: 0 }, "createDiscovery.maxSockets is 0"],
  [{ onError: "log" }, 'createDiscovery.onError is "log". Pass a function.'],
  [{ env: { CONSUL_HOST: "http://consul" } }, 'CONSUL_HOST is "http://consul", which is not the name'],
  [{ env: { CONSUL_HTTP_ADDR: "ftp://consul" } }, 'CONSUL_HTTP_ADDR is "ftp://consul". Write host:port'],
  [{ env: { CONSUL_HTTP_ADDR: "unix:/run/consul.sock" } }, 'CONSUL_HTTP_ADDR is "unix:/run/consul.sock". Write'],
  [{ env: { CONSUL_HTTP_ADDR: "http://gw/consul" } }, "without a user and without a path"],
  [{ env: { CONSUL_HTTP_ADDR: "https://ann:secret@gw" } }, 'CONSUL_HTTP_ADDR is "https://…@gw". Write'],
  [{ host: "ann:secret@gw" }, 'host is "…@gw", which is not'],
  [{ env: { CONSUL_HTTP_SSL: "ture" } }, 'CONSUL_HTTP_SSL is "ture". Write true or false.'],
  [{ env: { CONSUL_HTTP_SSL_VERIFY: "flase" } }, 'CONSUL_HTTP_SSL_VERIFY is "flase"'],
  [{ ca: "/etc/rollcall/ca.pem" }, "ca has no certificate. Pass the content of a PEM file"],
  [{ env: { CONSUL_CACERT: "package.json" } }, "CONSUL_CACERT has no certificate"],
  [{ env: "CONSUL_TOKEN=secret" }, "createDiscovery.env is a string. Pass an object."],
])("fails: %j is refused when the client is made, with a remedy", (options, problem) => {
  const attempt = () => createDiscovery({ env: {}, ...(options as DiscoveryOptions) });
  expect(attempt).toThrow(InvalidOption);
  expect(attempt).toThrow(problem);
});

test("an option that is undefined is one that was left out, and each that the types have is known", async () => {
  const left = Object.fromEntries([...DISCOVERY.keys()].map((name) => [name, undefined]));
  await createDiscovery({ ...left, env: {} }).close();
  await createDiscovery({ env: {}, maxAgeMs: Number.POSITIVE_INFINITY, waitMs: 1, staticCatalog: [] }).close();
});

test("a misspelt option of any kind is refused, with the name that was meant", () => {
  const names = [...DISCOVERY.keys()];
  const slips = fc
    .tuple(fc.constantFrom(...names.filter((name) => name.length > 5)), fc.nat(), fc.constantFrom("drop", "double"))
    .map(([name, at, slip]) => {
      const index = 1 + (at % (name.length - 1));
      const letter = slip === "drop" ? "" : `${name[index]}${name[index]}`;
      return { name, typed: name.slice(0, index) + letter + name.slice(index + 1) };
    })
    .filter(({ typed }) => !names.includes(typed));
  fc.assert(
    fc.property(slips, ({ name, typed }) => {
      const attempt = () => createDiscovery({ env: {}, ...({ [typed]: 1 } as DiscoveryOptions) });
      expect(attempt).toThrow(`There is no option createDiscovery.${typed}. Did you mean ${name}?`);
    }),
    { numRuns: 300 },
  );
});

const PICKS = ["pick", "acquire", "pool"] as const;

test.each(PICKS)(
  "fails: %s refuses a strategy, an option or a name that there is not, and Consul is not asked",
  async (verb) => {
    const discovery = discover();
    const attempt = (service: unknown, options?: unknown) => discovery[verb](service as string, options as object);
    await expect(attempt("web", { strategy: "p2" })).rejects.toThrow(`${verb}.strategy is "p2"`);
    await expect(attempt("web", { strategy: "p2" })).rejects.toThrow("did you mean p2c?");
    await expect(attempt("web", { tag: ["v1"] })).rejects.toThrow(`There is no option ${verb}.tag. Did you mean tags?`);
    await expect(attempt("web", { tags: "v1" })).rejects.toThrow(`${verb}.tags is "v1". Pass an array of strings.`);
    await expect(attempt("web", { whenNoneHealthy: "al" })).rejects.toThrow("did you mean all?");
    await expect(attempt("web", { key: 7 })).rejects.toThrow(`${verb}.key is 7`);
    await expect(attempt("")).rejects.toThrow(`${verb} got an empty name. Name a service as the catalog does`);
    await expect(attempt(undefined)).rejects.toMatchObject({ code: "INVALID_OPTION" });
    expect(consul.requests).toEqual([]);
    await attempt("web", { strategy: "round-robin", whenNoneHealthy: "all", key: "k" });
  },
);

test("fails: watch, instances, fetch, register and heartbeat refuse unknown options", async () => {
  const discovery = discover();
  const typo = (options: object) => options as never;
  expect(() => discovery.watch("")).toThrow("watch got an empty name");
  expect(() => discovery.watch("web", typo({ strategy: "p2c" }))).toThrow("There is no option watch.strategy");
  await expect(discovery.instances("")).rejects.toThrow("instances got an empty name");
  await expect(discovery.instances("web", typo({ versions: "1" }))).rejects.toThrow("Did you mean version?");
  await expect(discovery.fetch("", "/")).rejects.toThrow("fetch got an empty name");
  await expect(discovery.fetch("web", "/", { pick: typo({ strategy: "p2d" }) })).rejects.toThrow("fetch.pick.strategy");
  await expect(discovery.fetch("web", "/", typo({ scheme: "ftp" }))).rejects.toThrow('fetch.scheme is "ftp"');
  await expect(discovery.register(typo({ nam: "web" }))).rejects.toThrow("Did you mean name?");
  await expect(discovery.register(typo({ name: "web", port: 1, check: { kind: "htp" } }))).rejects.toThrow(
    'register.check.kind is "htp". Pass one of http, tcp, ttl; did you mean http?',
  );
  const probe = async () => ({ status: "passing" as const, says: "" });
  expect(() => discovery.heartbeat("", probe)).toThrow("heartbeat got an empty name");
  expect(() => discovery.heartbeat("web", probe, typo({ interval: 1 }))).toThrow("Did you mean intervalMs?");
  expect(consul.requests).toEqual([]);
});

test("fails: probes and region-based refuse an option that there is not", () => {
  const typo = (options: object) => options as never;
  expect(() => postgresProbe(typo({ hots: "db" }))).toThrow(
    "There is no option postgresProbe.hots. Did you mean host?",
  );
  expect(() => redisProbe(typo({ host: "cache", port: "6379" }))).toThrow('redisProbe.port is "6379"');
  expect(() => resourcesProbe(typo({ heapp: 95 }))).toThrow("Did you mean heap?");
  const tools = { random: seeded(1), clock: { now: 0 }, region: "north" };
  expect(() => new RegionBased(tools, typo({ minHealhty: 2 }))).toThrow("Did you mean minHealthy?");
});

test("fails: a strategy's function that makes no strategy is told so, not by a TypeError", async () => {
  const broken = (() => ({ name: "half" })) as never;
  await expect(discover({ strategy: broken }).pick("web")).rejects.toThrow("The strategy's function gave no strategy");
});
