/**
 * @needs platform
 * @areas lib/consul/gateway/gateway-config.ts lib/consul/gateway/gateway-limits.ts lib/consul/gateway/gateway-hosts.ts
 *   lib/consul/gateway/gateway-headers.ts lib/consul/nginx/nginx.ts lib/consul/nginx/nginx-front.ts lib/consul/nginx/nginx-bodies.ts
 *   lib/consul/nginx/nginx-parameters.ts lib/docker/memory.ts
 * @seconds 100
 */
import { spawn } from "node:child_process";
import { type IncomingHttpHeaders, type RequestOptions, request } from "node:http";
import { join } from "node:path";
import { AIMS } from "../../bench/aims.js";
import { FRONTS } from "../../lib/consul/gateway/gateway-limits.js";
import { command, docker, filesOfProxy, measured, nameOf, platform, token, until } from "./support/platform.js";
import { call, Repeater, slowest, summaryOf } from "./support/poll.js";
import { underLoad } from "./support/under-load.js";

const AIM = AIMS.unfinished.seconds.others;
/** Docker's proxy has so many files open for a connection: both ends, and a pipe each way. */
const FILES_OF_PROXY = 6;
const KEYS = "e2e-gateway-limits/";
let management = "";

interface RequestParts extends Pick<RequestOptions, "method" | "headers"> {
  readonly body?: string | Buffer;
}

interface HttpResponse {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly seconds: number;
}

/** A request to the plain port, as this test says it and no other way. */
function ask(path: string, { method = "GET", headers = {}, body }: RequestParts = {}): Promise<HttpResponse> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const where = { host: "127.0.0.1", port: platform().httpPort, path, method, headers, agent: false };
    const sent = request(where, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      const seconds = () => (performance.now() - begun) / 1000;
      answer.on("error", reject).on("end", () => {
        resolve({ status: answer.statusCode, headers: answer.headers, body: text, seconds: seconds() });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const withToken = () => ({ "X-Consul-Token": management });

interface Unfinished {
  /** How many were answered with which status, or closed. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Seconds after which the last of them was. */
  readonly last: number;
}

/** Begins things on the host that it never ends; `held` is there once all are begun. */
function begin(host: string, port: number, amount: number, seconds: number, text: string) {
  const args = [host, port, amount, seconds].map(String);
  const child = spawn(process.execPath, [join(import.meta.dirname, "support", "unfinished.mjs"), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(text);
  let said = "";
  const held = new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      said += part;
      if (said.startsWith("held")) resolve();
    });
  });
  const outcome = new Promise<Unfinished>((resolve, reject) => {
    child.on("error", reject).on("close", () => resolve(JSON.parse(said.replace("held\n", ""))));
  });
  return { held, outcome };
}

/** Where the gateway is reached so often: on its published port, where Docker's proxy has files for all of it. */
async function doorFor(amount: number, published: number, port: number): Promise<readonly [string, number]> {
  const files = await filesOfProxy(published);
  if (files > FILES_OF_PROXY * amount + 1000) return ["127.0.0.1", published];
  measured(
    `connections that Docker's proxy of ${published} has files for, of ${amount}`,
    files / FILES_OF_PROXY,
    "all",
    "",
  );
  const networks = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
  return [(await docker("inspect", "--format", networks, nameOf("consul-ui"))).trim(), port];
}

/** When the gateway was started, and its processes. */
async function starts(): Promise<string> {
  const started = await docker("inspect", "--format", "{{.State.StartedAt}} {{.RestartCount}}", nameOf("consul-ui"));
  const processes = (await docker("top", nameOf("consul-ui"), "-eo", "pid,args")).split("\n");
  // The cache loader ends by itself a minute after the start.
  const staying = processes.filter((line) => line.includes("nginx: ") && !line.includes("cache loader"));
  return [started, ...staying].join("\n");
}

/** What happens on the host while somebody there asks, writes, and opens a connection ten times a second. */
async function unnoticed(during: string, act: () => Promise<void>): Promise<void> {
  const before = await starts();
  const modest = new Repeater(10, 1, () => call("/v1/status/leader"));
  const met = await underLoad(during, { token: management, keys: KEYS, aim: AIM }, act);
  const others = await modest.stop();
  measured(`${during}: slowest of ${others.length} new connections`, slowest(others), AIM);
  expect({ reads: met.failed, writes: met.refused, others: summaryOf(others).failed }).toEqual({
    ...{ reads: 0, writes: 0, others: 0 },
  });
  expect(slowest(others)).toBeLessThan(3 * AIM);
  expect(await starts()).toBe(before);
}

beforeAll(async () => {
  management = await token("management");
});

afterEach(() => Repeater.stopAll());

test("4,300 connections that finish no header are noticed by nobody on the host, and the port answers after them", async () => {
  const door = await doorFor(4300, platform().httpPort, 8500);
  await unnoticed("4,300 connections that finish no header", async () => {
    const { held, outcome } = begin(...door, 4300, 10, "GET / HT");
    await held;
    measured("the gateway's memory with them", await memory(), "any", "MiB");
    const { outcomes, last } = await outcome;
    expect(outcomes).toEqual({ closed: 4300 });
    measured("the last of them was closed after", last, 6);
    expect(last).toBeLessThan(9);
  });
  expect(await ask("/v1/status/leader")).toMatchObject({ status: 200 });
  const { stdout } = await command("docker", ["logs", "--tail", "5000", nameOf("consul-ui")]);
  expect(stdout).not.toMatch(/" 408 /);
});

/** MiB that the gateway uses. */
async function memory(): Promise<number> {
  const used = await docker("stats", "--no-stream", "--format", "{{.MemUsage}}", nameOf("consul-ui"));
  return Number.parseFloat(used);
}

test("of the connections of one address those beyond its share are closed at once, and a handshake has 5 s", async () => {
  const share = FRONTS.https.perAddress;
  const amount = share + 100;
  const [host, port] = await doorFor(amount, platform().httpsPort, 8501);
  // The beginning of a ClientHello.
  const hello = "\u0016\u0003\u0001";
  const first = begin(host, port, amount, 1, hello);
  await first.held;
  const { outcomes: soon } = await first.outcome;
  expect(soon.closed).toBeGreaterThanOrEqual(100);
  expect(soon.closed).toBeLessThan(110);
  const { outcomes, last } = await begin(host, port, 100, 8, hello).outcome;
  expect(outcomes).toEqual({ closed: 100 });
  expect(last).toBeGreaterThan(4);
});

describe("a body", () => {
  test("that never ends: 18 of 1 MiB, without a token, are noticed by nobody, and no token comes into the log", async () => {
    const since = new Date().toISOString();
    await unnoticed("18 bodies of 1 MiB that never end", async () => {
      const upload = (query: string) =>
        `PUT /v1/kv/victim${query} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048576\r\n\r\n${"v".repeat(1_000_000)}`;
      const doors = ["127.0.0.1", platform().httpPort] as const;
      const uploads = ["", "?token=hidden-in-query"].map((query) => begin(...doors, 18, 6, upload(query)));
      await Promise.all(uploads.map(({ held }) => held));
      for (const size of [1_000, 100_000]) {
        const options = { method: "PUT", headers: withToken(), body: Buffer.alloc(size, "v") } as const;
        expect(await ask(`/v1/kv/${KEYS}of-${size}`, options)).toMatchObject({ status: 200, body: "true" });
      }
      expect(await docker("exec", nameOf("consul-ui"), "ls", "/bodies")).toBe("");
      const [held, refused] = await Promise.all(uploads.map(({ outcome }) => outcome));
      expect([held?.outcomes, refused?.outcomes]).toEqual([{}, { 400: 18 }]);
    });
    const { stdout, stderr } = await command("docker", ["logs", "--since", since, nameOf("consul-ui")]);
    expect(stdout + stderr).not.toMatch(/hidden-in-query|\[crit\]|\[alert\]/);
    await ask(`/v1/kv/${KEYS}?recurse`, { method: "DELETE", headers: withToken() });
  });

  test("whose chunks are most of it does not fill the disk that others need", async () => {
    const chunk = `${"0".repeat(14)}1\r\na\r\n`;
    const head = "PUT /v1/kv/victim HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    const { held, outcome } = begin("127.0.0.1", platform().httpPort, 18, 3, head + chunk.repeat(100_000));
    await held;
    await docker("exec", nameOf("consul-ui"), "/bin/sh", "-c", "echo written >/tmp/probe && rm /tmp/probe");
    const { status } = await ask(`/v1/kv/${KEYS}small`, { method: "PUT", headers: withToken(), body: "v" });
    expect(status).toBe(200);
    await outcome;
    await ask(`/v1/kv/${KEYS}?recurse`, { method: "DELETE", headers: withToken() });
  });

  const chunked = { "Transfer-Encoding": "chunked" };
  test.each([
    ["PUT", "/v1/agent/service/register", 65_537, {}, 413],
    ["PUT", "/v1/session/create", 65_537, {}, 413],
    ["PUT", "/v1/session/create", 70_000, chunked, 413],
    ["PUT", "/v1/kv/victim", 1_048_577, {}, 413],
    ["PUT", "/v1/kv/victim", 1_100_000, chunked, 413],
    ["GET", "/v1/kv/victim", 70_000, { "Content-Length": 70_000 }, 413],
    // What these say is no service, and nobody's.
    ["PUT", "/v1/agent/service/register", 65_536, {}, 400],
    ["PUT", "/v1/kv/victim", 400_000, {}, 403],
    ["PUT", "/v1/kv/victim", 400_000, chunked, 403],
    ["PUT", "/v1/txn", 100_000, {}, 400],
    ["PUT", "/v1/acl/policy", 100_000, {}, 400],
  ])("%s %s with %i bytes %j: %i", async (method, path, size, headers, expected) => {
    const { status } = await ask(path, { method, headers, body: Buffer.alloc(size, " ") });
    expect(status).toBe(expected);
  });
});

test("after a restart of its container it still takes writes of any length, and what their chunks take", async () => {
  await docker("restart", "--time", "1", nameOf("consul-ui"));
  for (const [size, headers] of [
    [5, {}],
    [5, {}],
    [400_000, { "Transfer-Encoding": "chunked" }],
  ] as const) {
    const options = { method: "PUT", headers: { ...withToken(), ...headers }, body: Buffer.alloc(size, "v") } as const;
    const path = `/v1/kv/${KEYS}restarted`;
    const answer = await until("the gateway answers", 5, () => ask(path, options).catch(() => undefined));
    expect(answer).toMatchObject({ status: 200, body: "true" });
  }
  await docker("exec", nameOf("consul-ui"), "/bin/sh", "-c", "touch /bodies/probe && rm /bodies/probe");
  await ask(`/v1/kv/${KEYS}?recurse`, { method: "DELETE", headers: withToken() });
});

describe("a token in an address", () => {
  test.each(["?token=TOKEN", "?stale&token=TOKEN", "?Token=TOKEN"])(
    "%s is refused, and the header named",
    async (query) => {
      const answer = await ask(`/v1/acl/tokens${query.replace("TOKEN", management)}`);
      expect(answer).toMatchObject({ status: 400, body: expect.stringContaining("header X-Consul-Token") });
    },
  );

  // Consul takes each of them.
  test.each(["?%74oken=TOKEN", "?t%6Fken=TOKEN", "?stale&%74%6f%6b%65%6e=TOKEN"])(
    "%s is refused too",
    async (query) => {
      const answer = await ask(`/v1/acl/tokens${query.replace("TOKEN", management)}`);
      expect(answer).toMatchObject({ status: 400, body: expect.stringContaining("name of each parameter") });
    },
  );

  test("what others write into their queries passes", async () => {
    const query = "?near=_agent&node-meta=a%3Ab&filter=%22token%3D%22+in+ServiceTags&merge-central-config";
    expect(await ask(`/v1/catalog/service/consul${query}`)).toMatchObject({ status: 200 });
  });
});

describe("a request", () => {
  const own = () => nameOf("consul-ui");
  test.each([
    ...["localhost", "localhost:1", "LOCALHOST:8500", "127.0.0.1", "[::1]:8500", "consul-ui:8500"].map(String),
    ...[() => own(), () => `${own()}.${platform().prefix}rollcall-control:8500`],
  ])("for %s is for the gateway", async (host) => {
    const headers = { Host: typeof host === "string" ? host : host() };
    expect(await ask("/v1/status/leader", { headers })).toMatchObject({ status: 200 });
  });

  test.each(["evil.example.com", "evil.example.com:8500", "localhost.evil.example.com", "127.0.0.2", "10.0.0.1:8500"])(
    "for %s is for somebody else: a page that has the browser ask gets nothing",
    async (host) => {
      const answer = await ask("/v1/catalog/nodes", { headers: { Host: host } });
      expect(answer).toMatchObject({ status: 421, body: expect.stringContaining("ROLLCALL_HTTP_HOSTS") });
    },
  );

  test("by the gateway's own address is for it", async () => {
    const networks = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    const address = (await docker("inspect", "--format", networks, own())).trim();
    expect(await ask("/v1/status/leader", { headers: { Host: `${address}:8500` } })).toMatchObject({ status: 200 });
  });

  test("for peers, or for an index by another spelling, occupies no server", async () => {
    for (const path of ["/v1/peerings", "/v1/%70eerings", "/v1/peering/x"]) {
      const answer = await ask(path);
      expect(answer).toMatchObject({ status: 404, body: "Peering is off.\n" });
      expect(answer.seconds).toBeLessThan(1);
    }
    expect(await ask("/v1/catalog/nodes?%69ndex=999999&wait=10m")).toMatchObject({ status: 400 });
  });

  test("that a page of another site has the browser send is refused, and somebody's link to the UI goes on", async () => {
    const from = (site: string, dest: string) => ({ headers: { "Sec-Fetch-Site": site, "Sec-Fetch-Dest": dest } });
    for (const dest of ["image", "empty", "iframe", "script"])
      expect(await ask("/v1/catalog/nodes", from("cross-site", dest))).toMatchObject({
        status: 403,
        body: "A page of another site may not ask this gateway.\n",
      });
    expect(await ask("/ui/", from("cross-site", "document"))).toMatchObject({ status: 200 });
    for (const site of ["same-origin", "same-site", "none"])
      expect(await ask("/v1/catalog/nodes", from(site, "empty"))).toMatchObject({ status: 200 });
  });

  test.each(["((((ID==x))))", "((((((((((((ID", "%28%28%28%28Node==x%29%29%29%29"])(
    "with the filter %s is refused: it would keep a server at work for seconds or for good",
    async (filter) => {
      const answer = await ask(`/v1/catalog/nodes?filter=${filter}`);
      expect(answer).toMatchObject({ status: 400, body: expect.stringContaining("opening parentheses") });
      expect(answer.seconds).toBeLessThan(1);
    },
  );

  test("for Consul's own log, which has others' addresses, is refused", async () => {
    for (const path of ["/v1/agent/monitor", "/v1/agent/metrics/stream"])
      expect(await ask(path, { headers: withToken() })).toMatchObject({ status: 403 });
  });

  test("of the old kind, with a token in its path, does not bring it into the log", async () => {
    const begun = new Date().toISOString();
    for (const path of [
      "/v1/acl/destroy/a-secret-here",
      "/v1//acl/info/a-secret-here",
      "/v1/%61cl/clone/a-secret-here",
    ])
      await ask(path, { method: "PUT" });
    const log = await docker("logs", "--since", begun, nameOf("consul-ui"));
    expect(log).toMatch(/PUT \/v1\/acl\/destroy\/\.\.\./);
    expect(log).not.toContain("a-secret-here");
  });

  test("for a raw value gets Consul's own policy, and the UI the gateway's", async () => {
    await ask(`/v1/kv/${KEYS}page`, { method: "PUT", headers: withToken(), body: "<script>alert(1)</script>" });
    const policy = async (path: string) =>
      (await ask(path, { headers: withToken() })).headers["content-security-policy"];
    expect(await policy(`/v1/kv/${KEYS}page?raw`)).toBe("sandbox");
    expect(await policy("/ui/")).toMatch(/^default-src 'self'; /);
    expect(await policy("/v1/catalog/nodes")).toMatch(/^default-src 'self'; /);
    await ask(`/v1/kv/${KEYS}?recurse`, { method: "DELETE", headers: withToken() });
  });
});
