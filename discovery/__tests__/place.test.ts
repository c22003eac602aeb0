import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server as HttpServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { createDiscovery } from "../src/create-discovery.js";
import type { Environment } from "../src/environment.js";
import { InvalidOption } from "../src/errors.js";
import type { DiscoveryOptions } from "../src/options.js";
import { consulPlace, mustKeepToken } from "../src/place.js";

const TOKEN = "11111111-2222-4333-8444-555555555555";
const PEM = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
let folder: string;
let authority: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "discovery-place-"));
  authority = join(folder, "ca.pem");
  writeFileSync(authority, PEM);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SOCKET = { CONSUL_HTTP_ADDR: "unix:///run/consul.sock" };
const AGENT = { CONSUL_HOST: "consul-agent-shared", CONSUL_PORT: "8500" };

test.each<[DiscoveryOptions, Environment, string]>([
  [{ host: "consul", ca: PEM }, {}, "tls consul:8501"],
  [{ tls: true }, {}, "tls 127.0.0.1:8501"],
  [{ port: 8501 }, {}, "tls 127.0.0.1:8501"],
  [{ port: 8501, tls: false }, {}, "plain 127.0.0.1:8501"],
  [{ host: "consul", tls: true, port: 443 }, {}, "tls consul:443"],
  // A host of the program is another place: nothing of the environment's own belongs to it.
  [{ host: "consul" }, SOCKET, "plain consul:8500"],
  [{ host: "consul" }, { CONSUL_HTTP_ADDR: "https://other:9501" }, "plain consul:8500"],
  [{ host: "consul" }, { CONSUL_HOST: "other", CONSUL_PORT: "8501" }, "plain consul:8500"],
  [{ host: "consul" }, { CONSUL_HTTP_SSL: "true" }, "plain consul:8500"],
  [{ host: "consul", port: 9501, tls: true }, { CONSUL_HTTP_ADDR: "http://other" }, "tls consul:9501"],
  [{ host: "[::1]" }, {}, "plain ::1:8500"],
  // Whom to trust is not where: an authority of the environment turns TLS on for the program's host too.
  [{ host: "consul" }, { CONSUL_CACERT: "authority" }, "tls consul:8501"],
  [{ host: "consul", tls: false }, { CONSUL_CACERT: "authority" }, "plain consul:8500"],
  // A port alone stays on the environment's host and keeps its scheme, but is none of a socket's.
  [{ port: 9500 }, { CONSUL_HTTP_ADDR: "http://other:8500" }, "plain other:9500"],
  [{ port: 9501 }, { CONSUL_HTTP_ADDR: "https://other:8501" }, "tls other:9501"],
  [{ port: 8501 }, { CONSUL_HTTP_ADDR: "http://other:8500" }, "tls other:8501"],
  [{ port: 9500 }, SOCKET, "plain 127.0.0.1:9500"],
  // A scheme takes the port along, unless the environment's port is of that scheme or of none.
  [{ tls: true }, AGENT, "tls consul-agent-shared:8501"],
  [{ ca: PEM }, AGENT, "tls consul-agent-shared:8501"],
  [{ tls: true }, { CONSUL_HTTP_ADDR: "http://other:9500" }, "tls other:8501"],
  [{ tls: true }, { CONSUL_HTTP_ADDR: "https://other:9501" }, "tls other:9501"],
  [{ tls: true }, { CONSUL_HTTP_ADDR: "other:9501" }, "tls other:9501"],
  [{ tls: false }, { CONSUL_HTTP_ADDR: "https://other:9501" }, "plain other:8500"],
  [{ tls: false }, { CONSUL_HOST: "other", CONSUL_PORT: "8501" }, "plain other:8500"],
  [{ ca: PEM }, { CONSUL_HTTP_ADDR: "http://other:8500" }, "tls other:8501"],
  [{ ca: PEM }, SOCKET, "socket /run/consul.sock"],
  [{ tls: true }, SOCKET, "tls socket /run/consul.sock"],
  // The platform's host is a place of its own too, to which nothing of CONSUL_HTTP_ADDR belongs.
  [{}, { ...AGENT, CONSUL_HTTP_ADDR: "https://other:9501" }, "plain consul-agent-shared:8500"],
  [{}, { CONSUL_HOST: "one", CONSUL_HTTP_ADDR: "https://other:9501" }, "plain one:8500"],
  [{}, { CONSUL_PORT: "9501", CONSUL_HTTP_ADDR: "https://other:8501" }, "tls other:9501"],
  [{}, { CONSUL_PORT: "9500", ...SOCKET }, "plain 127.0.0.1:9500"],
  [{}, { CONSUL_HTTP_ADDR: "tcp://10.0.0.1:8500" }, "plain 10.0.0.1:8500"],
  [{}, { CONSUL_HOST: "[::1]" }, "plain ::1:8500"],
])("the options %j in the environment %j mean %s", (options, env, place) => {
  const files = env.CONSUL_CACERT === undefined ? env : { ...env, CONSUL_CACERT: authority };
  const { host, port, tls, socketPath } = consulPlace(options, files);
  const where =
    socketPath === undefined ? `${tls ? "tls" : "plain"} ${host}:${port}` : `${tls ? "tls " : ""}socket ${socketPath}`;
  expect(where).toBe(place);
});

test("an authority that the program brings is verified, whatever the environment says", () => {
  expect(consulPlace({ ca: PEM }, { CONSUL_HTTP_SSL_VERIFY: "false" }).verify).toBe(true);
  expect(consulPlace({}, { CONSUL_HTTP_SSL_VERIFY: "false" }).verify).toBe(false);
});

test("an empty token as option means none, and an option reads no file of the environment", () => {
  expect(consulPlace({ token: "" }, { CONSUL_TOKEN: TOKEN }).token).toBeUndefined();
  const env = { CONSUL_HTTP_TOKEN_FILE: "/nowhere", CONSUL_CACERT: "/nowhere", CONSUL_PORT: "nonsense" };
  expect(consulPlace({ host: "consul", ca: PEM, token: TOKEN }, env)).toMatchObject({ token: TOKEN, ca: PEM });
});

const made = (options: DiscoveryOptions) => createDiscovery({ env: {}, ...options }).close();

test("a token goes in the clear to this host, to the platform's agent, or where that is asked for", async () => {
  for (const host of ["127.0.0.1", "127.3.2.1", "::1", "[::1]", "::ffff:127.0.0.1", "localhost", "Consul-Agent-Shared"])
    await made({ host, token: TOKEN });
  await made({ env: { ...AGENT, CONSUL_TOKEN: TOKEN } });
  await made({ env: { ...SOCKET, CONSUL_TOKEN: TOKEN } });
  await made({ host: "10.0.0.5", token: TOKEN, allowInsecureToken: true });
  await made({ host: "10.0.0.5", token: TOKEN, tls: true });
  await made({ host: "10.0.0.5" });
});

test.each<[DiscoveryOptions, string]>([
  [{ host: "10.0.0.5", token: TOKEN }, "The token would go to 10.0.0.5:8500 in the clear. Use TLS"],
  [{ host: "2001:db8::5", token: TOKEN }, "[2001:db8::5]:8500 in the clear"],
  [{ host: "10.0.0.5", token: TOKEN, tls: false, ca: PEM }, "in the clear"],
  [{ env: { CONSUL_HTTP_ADDR: "consul:8500", CONSUL_HTTP_TOKEN: TOKEN } }, "consul:8500 in the clear"],
  [{ host: "consul", env: { CONSUL_TOKEN: TOKEN, CONSUL_HTTP_SSL: "true" } }, "consul:8500 in the clear"],
  [
    { token: TOKEN, env: { CONSUL_HTTP_ADDR: "https://consul", CONSUL_HTTP_SSL_VERIFY: "false" } },
    "consul:8501 though its certificate is not verified. Name its authority",
  ],
  // What DNS may be asked for is not this host, however it looks; nor is what only begins like the platform's agent.
  [{ host: "127.1", token: TOKEN }, "127.1:8500 in the clear"],
  [{ host: "127.0.0.1.example.com", token: TOKEN }, "in the clear"],
  [{ host: "localhost.example.com", token: TOKEN }, "in the clear"],
  [{ host: "consul-agent-shared.example.com", token: TOKEN }, "in the clear"],
  [{ host: "::ffff:10.0.0.5", token: TOKEN }, "in the clear"],
  [{ host: "0.0.0.0", token: TOKEN }, "in the clear"],
])("fails: a token that others could read is refused when the client is made: %j", (options, problem) => {
  expect(() => createDiscovery({ env: {}, ...options })).toThrow(InvalidOption);
  expect(() => createDiscovery({ env: {}, ...options })).toThrow(problem);
});

test.each(["unix://", "consul:0", "https://consul:0"])(
  "fails: CONSUL_HTTP_ADDR=%s names no place, and no other place is asked instead",
  (address) => expect(() => createDiscovery({ env: { CONSUL_HTTP_ADDR: address } })).toThrow(InvalidOption),
);

test("fails: a token that no header can carry is refused, and no error shows it", () => {
  for (const token of [`${TOKEN}\n`, `Bearer ${TOKEN}`, `${TOKEN}\r\nX-Other: 1`]) {
    const attempt = () => createDiscovery({ env: { CONSUL_TOKEN: token } });
    expect(attempt).toThrow("The token has a space, a line break");
    expect(attempt).not.toThrow(TOKEN);
  }
});

test("a redirect is not followed: the token stays with the host that was named", async () => {
  const asked: string[] = [];
  const listen = async (location: (port: number) => string, other = 0) => {
    const server: HttpServer = createServer((request, answer) => {
      asked.push(
        `${request.headers.host === `127.0.0.1:${other}` ? "other" : "first"} ${request.headers["x-consul-token"]}`,
      );
      answer.writeHead(307, { location: location(other) }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return server;
  };
  const target = await listen(() => "/");
  const first = await listen((port) => `http://127.0.0.1:${port}/`, (target.address() as AddressInfo).port);
  const { port } = first.address() as AddressInfo;
  const discovery = createDiscovery({ env: {}, port, token: TOKEN });
  await expect(discovery.pick("web")).rejects.toMatchObject({
    code: "BAD_ANSWER",
    message: expect.stringContaining("it redirects (307). No redirect is followed"),
  });
  expect(asked).toEqual([`first ${TOKEN}`]);
  await discovery.close();
  for (const server of [first, target]) server.close();
});

/** Where the bytes of each connection went that the client opened: they all end at a listener of this test. */
class Wire {
  readonly connections: { readonly to: string; bytes: string }[] = [];
  private readonly server: Server = createTcpServer((socket) => {
    const connection = this.connections.at(-1);
    socket
      .on("error", () => {})
      .on("data", (part) => {
        if (connection !== undefined) connection.bytes += part.toString("latin1");
        socket.destroy();
      });
  });
  private spy: jest.SpyInstance | undefined;

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    const { port } = this.server.address() as AddressInfo;
    const { connections } = this;
    const connect = Socket.prototype.connect as (...args: unknown[]) => Socket;
    this.spy = jest.spyOn(Socket.prototype, "connect").mockImplementation(function (this: Socket, ...args: unknown[]) {
      const [options] = (Array.isArray(args[0]) ? args[0] : args) as [{ host?: string; port?: number; path?: string }];
      connections.push({ to: options.path ?? `${options.host}:${options.port}`, bytes: "" });
      return connect.call(this, { host: "127.0.0.1", port });
    } as typeof Socket.prototype.connect);
  }

  async stop(): Promise<void> {
    this.spy?.mockRestore();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const HOSTS = ["127.0.0.1", "localhost", "::1", "consul-agent-shared", "10.0.0.5", "consul.example", "2001:db8::5"];
const TRUSTED = HOSTS.slice(0, 4);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const host = fc.constantFrom(...HOSTS);
const port = fc.constantFrom(8500, 8501, 9500);
const address = fc
  .tuple(fc.constantFrom("", "http://", "https://", "tcp://"), host, maybe(port))
  .map(
    ([scheme, name, at]) => `${scheme}${name.includes(":") ? `[${name}]` : name}${at === undefined ? "" : `:${at}`}`,
  );
const anyOptions = fc.record({
  host: maybe(host),
  port: maybe(port),
  tls: maybe(fc.boolean()),
  ca: maybe(fc.constant(PEM)),
  token: maybe(fc.constantFrom(TOKEN, "")),
  allowInsecureToken: maybe(fc.boolean()),
});
const anyEnvironment = fc.record({
  CONSUL_HOST: maybe(host),
  CONSUL_PORT: maybe(port.map(String)),
  CONSUL_TOKEN: maybe(fc.constant(TOKEN)),
  CONSUL_HTTP_ADDR: maybe(fc.oneof(address, fc.constant("unix:///run/consul.sock"))),
  CONSUL_HTTP_SSL: maybe(fc.constantFrom("true", "false", "0")),
  CONSUL_HTTP_SSL_VERIFY: maybe(fc.constantFrom("true", "false")),
  CONSUL_CACERT: maybe(fc.constant("authority")),
});

const PIECES = [
  "127.0.0.1",
  "localhost",
  "::1",
  "consul-agent-shared",
  "127.1",
  "0",
  "[",
  "]",
  "@",
  ":8500",
  "/",
  "#",
  "?",
];
const SLY = [...PIECES, "%00", "%2e", "\\", " ", "\n", ".", "evil.example", "user:", "①", "。", "\u00ad", "\u212a"];

test("no spelling of a host passes for this host or the platform's agent but their own", () => {
  const spelling = fc.array(fc.constantFrom(...SLY), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(""));
  const seen = { accepted: 0, refused: 0 };
  fc.assert(
    fc.property(spelling, fc.constantFrom("host", "CONSUL_HOST", "CONSUL_HTTP_ADDR"), (text, where) => {
      const options: DiscoveryOptions = where === "host" ? { host: text } : { env: { [where]: text } };
      try {
        const place = consulPlace(options, options.env ?? {});
        mustKeepToken({ ...place, token: TOKEN });
        seen.accepted++;
        if (place.socketPath === undefined && !place.tls)
          expect(place.host).toMatch(/^(127(\.\d{1,3}){3}|[0:]*:0*1|localhost|consul-agent-shared)$/i);
      } catch (error) {
        if (!(error instanceof InvalidOption)) throw error;
        seen.refused++;
      }
    }),
    { numRuns: 5000 },
  );
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
});

test("whatever options and environment say together, no byte of the token goes where others could read it", async () => {
  const wire = new Wire();
  await wire.start();
  const seen = { refused: 0, tls: 0, clear: 0 };
  try {
    await fc.assert(
      fc.asyncProperty(anyOptions, anyEnvironment, async (options, variables) => {
        wire.connections.length = 0;
        const env = { ...variables, ...(variables.CONSUL_CACERT && { CONSUL_CACERT: authority }) };
        let discovery: ReturnType<typeof createDiscovery>;
        try {
          discovery = createDiscovery({ ...(options as DiscoveryOptions), env, timeoutMs: 300, maxWatches: 0 });
        } catch (error) {
          expect(String(error)).toContain("The token would go to");
          expect(String(error)).not.toContain(TOKEN);
          expect(options.allowInsecureToken).not.toBe(true);
          seen.refused++;
          return;
        }
        await discovery.pick("web").catch(() => {});
        await discovery.close();
        for (const { to, bytes } of wire.connections) {
          const at = to.slice(0, to.lastIndexOf(":"));
          if (options.host !== undefined) expect(at).toBe(options.host);
          if (options.port !== undefined) expect(to.endsWith(`:${options.port}`)).toBe(true);
          if (options.tls === true || (options.ca !== undefined && options.tls === undefined && !to.startsWith("/")))
            expect(bytes).not.toContain("GET ");
          if (bytes.includes(TOKEN)) {
            seen.clear++;
            expect(to.startsWith("/") || TRUSTED.includes(at) || options.allowInsecureToken === true).toBe(true);
            expect(options.token).not.toBe("");
          } else if (!bytes.includes("GET ")) seen.tls++;
        }
      }),
      { numRuns: 400 },
    );
  } finally {
    await wire.stop();
  }
  // The property means nothing where one of the three never happens.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
});
