import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { declaredBy } from "../../../../lib/catalog/declared.js";
import { run } from "../../../../lib/process.js";
import type { execIn } from "../../../../ops/docker/containers.js";
import { type CheckRequest, sendCheckRequests } from "../../../../ops/platform/redirects/send-check-requests.js";
import { describeRedirects, redirectedNow, stricterChecks } from "../../../../ops/platform/redirects.js";
import { catalogOf, team } from "../../../support/catalog-helpers.js";

const of = (...services: readonly string[]) =>
  services.length === 0 ? [] : declaredBy(catalogOf({ "a.yaml": team("t", services) })).definitions;
const stricter = (before: readonly string[], after: readonly string[]) => stricterChecks(of(...before), of(...after));
const follows = (rest = "") => `x: { port: 8080, check: { redirects: true${rest} } }`;
const strict = (rest = "") => `x: { port: 8080, check: { redirects: false${rest} } }`;

describe("a check that becomes stricter", () => {
  test("is an HTTP check that followed redirects as it was applied and does not as it is declared", () => {
    expect(stricter([follows()], [strict()]).map(({ service, url }) => [service, url])).toEqual([
      ["x", "http://isa-x:8080/health"],
    ]);
    const [definition] = of(strict());
    const { disable_redirects: _, output_max_size: __, ...check } = definition?.checks[0] ?? { id: "" };
    // As every definition was before there was the field.
    const old = definition === undefined ? [] : [{ ...definition, checks: [check] }];
    expect(stricterChecks(old, of(strict()))).toHaveLength(1);
  });

  test("is asked what it will ask, where that changes at the same time", () => {
    expect(stricter([follows()], [strict(", path: /ready")]).map(({ url }) => url)).toEqual([
      "http://isa-x:8080/ready",
    ]);
  });

  test.each<[string, readonly string[], readonly string[]]>([
    ["is applied already", [strict()], [strict()]],
    ["goes on to follow them", [follows()], [follows()]],
    ["follows them from now on", [strict()], [follows()]],
    ["is new", [], [strict()]],
    ["was a TCP check", ["x: { port: 8080, check: { kind: tcp, interval: 9s, timeout: 3s } }"], [strict()]],
  ])("is none that %s", (_, before, after) => {
    expect(stricter(before, after)).toEqual([]);
  });

  test("is none by way of the prober, which never followed one", () => {
    const after = of("x: { port: 1, check: { kind: redis, interval: 9s, timeout: 3s } }");
    const before = after.map((each) => ({
      ...each,
      checks: each.checks.map(({ disable_redirects: _, ...check }) => check),
    }));
    expect(stricterChecks(before, after)).toEqual([]);
  });

  test("is asked with the request that Consul sends", () => {
    const rest = ", method: POST, body: 'é', path: /a?b=c, header: { Host: other, X-A: b }";
    expect(stricter([follows(rest)], [strict(rest)])[0]?.request).toEqual({
      host: "isa-x",
      port: 8080,
      text: [
        "POST /a?b=c HTTP/1.1",
        "User-Agent: Consul Health Check",
        "Accept: text/plain, text/*, */*",
        "Content-Length: 2",
        "Connection: close",
        "Host: other",
        "X-A: b",
        "",
        "é",
      ].join("\r\n"),
    });
    const [v6] = stricter(
      ["x: { port: 1, address: '2001:db8::5', check: { redirects: true } }"],
      ["x: { port: 1, address: '2001:db8::5' }"],
    );
    expect(v6?.request).toMatchObject({
      host: "2001:db8::5",
      port: 1,
      text: expect.stringContaining("Host: [2001:db8::5]:1\r\n"),
    });
    const url = "url: 'http://status.example.com'";
    const [plain] = stricter(
      [`x: { port: 1, check: { ${url}, redirects: true } }`],
      [`x: { port: 1, check: { ${url} } }`],
    );
    expect(plain?.request).toMatchObject({
      port: 80,
      text: expect.stringMatching(/^GET \/ HTTP\/1\.1\r\nHost: status\.example\.com\r\n/),
    });
  });

  test("over TLS is not asked", () => {
    expect(stricter([follows(", tls: true")], [strict(", tls: true")])).toEqual([
      { service: "x", url: "https://isa-x:8080/health", request: undefined },
    ]);
  });
});

describe("what is told of an answer", () => {
  const [check] = stricter([follows()], [strict()]);
  const told = (head: string) => {
    if (check?.request === undefined) throw new Error("the check has no request");
    return describeRedirects([check], new Map([[check.request, { head }]]));
  };

  test.each([301, 302, 303, 307, 308])("with %d names the service, where it leads and what to do", (status) => {
    expect(told(`HTTP/1.1 ${status} Moved\nlocation: /login?next=%2Fhealth`)).toEqual([
      `x: its check of http://isa-x:8080/health is answered ${status} to http://isa-x:8080/login?next=%2Fhealth. No redirect is followed any more, so it becomes critical: have the check ask where it leads, or allow it with redirects: true`,
    ]);
  });

  test.each([
    ["200", "HTTP/1.1 200 OK\nlocation: /login"],
    ["a status that leads nowhere", "HTTP/1.1 304 Not Modified\nlocation: /login"],
    ["a redirect without a place, which Consul does not follow either", "HTTP/1.1 302 Found"],
    ["what is no HTTP", "-ERR wrong number of arguments"],
    ["nothing but a header", "location: /login"],
  ])("of %s is nothing", (_, head) => {
    expect(told(head)).toEqual([]);
  });

  test("shows no secret of the place, and nothing that a terminal obeys", () => {
    const [line = ""] = told("HTTP/1.1 302 Found\nlocation: https://sso.example.com/?token=hunter2&a=\u001b[2J");
    expect(line).toContain("https://sso.example.com/?token=");
    expect([line.includes("hunter2"), line.includes("\u001b")]).toEqual([false, false]);
  });

  test("that did not come is that it is not known, once for each reason", () => {
    const services = ["a", "b", "c"].map((name) => ({ ...check, service: name, url: "http://x/", request: request() }));
    const [a, b, c] = services.map((each) => each.request);
    if (a === undefined || b === undefined || c === undefined) throw new Error("no requests");
    const tls = { service: "d", url: "https://x/", request: undefined };
    expect(
      describeRedirects(
        [...services, tls],
        new Map([
          [a, "none"],
          [b, "none"],
          [c, "late"],
        ]),
      ),
    ).toEqual([
      expect.stringMatching(
        /^whether the checks of a, b are answered with a redirect, .* is not known: nothing answers now$/,
      ),
      expect.stringMatching(/^whether the checks of c .*: there was no time to ask$/),
      expect.stringMatching(/^whether the checks of d .*: they are made over TLS, which cannot be asked from here$/),
    ]);
  });

  function request(): CheckRequest {
    return { host: "x", port: 80, text: "" };
  }
});

describe("asking from within a container", () => {
  /** On this machine instead of in a container. */
  const exec: typeof execIn = async (_, [command = "", ...args], input = "") =>
    (await run(command, args, { input })).stdout;
  const seen: string[] = [];
  let server: Server;
  let port = 0;

  beforeAll(async () => {
    server = createServer((incoming, answer) => {
      void bodyOf(incoming).then((body) => {
        seen.push(`${incoming.method} ${incoming.url} ${incoming.headers["x-a"] ?? ""} ${body}`);
        const status = Number(/^\/(\d+)/.exec(incoming.url ?? "")?.[1] ?? 200);
        answer.writeHead(status, { Location: "/there" }).end("a body\nLocation: /not-here\n");
      });
    }).listen(0, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => server.close());

  const get = (path: string, text = ""): CheckRequest => ({
    ...{ host: "127.0.0.1", port },
    text: `GET ${path} HTTP/1.1\r\nHost: x\r\n${text}Connection: close\r\n\r\n`,
  });

  test("gives the status and the place of each, in order, and of the answer nothing else", async () => {
    const requests = Array.from({ length: 25 }, (_, index) => get(index % 2 === 0 ? "/200" : "/307"));
    const answers = await sendCheckRequests("x", requests, exec);
    expect(answers).toEqual(
      requests.map((_, index) => ({
        head: `HTTP/1.1 ${index % 2 === 0 ? "200 OK" : "307 Temporary Redirect"}\nlocation: /there`,
      })),
    );
  });

  test("sends what it is given, byte by byte", async () => {
    const body = "é %s \\n $(id)";
    const length = `X-A: b c\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
    await sendCheckRequests("x", [{ ...get("/200", length), text: get("/200", length).text + body }], exec);
    expect(seen.at(-1)).toBe(`GET /200 b c ${body}`);
  });

  test("nothing comes from where nobody listens, and from one who never answers", async () => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await new Promise((done) => silent.once("listening", done));
    const begun = Date.now();
    const { port: mute } = silent.address() as AddressInfo;
    const answers = await sendCheckRequests(
      "x",
      [{ ...get("/"), port: 1 }, { ...get("/"), port: mute }, get("/301")],
      exec,
    );
    silent.closeAllConnections();
    silent.close();
    expect(answers).toEqual(["none", "none", { head: expect.stringContaining("301") }]);
    expect(Date.now() - begun).toBeLessThan(15_000);
  });

  test("a platform that has nothing to become stricter is not asked", async () => {
    const catalog = catalogOf({ "a.yaml": team("t", [strict()]) });
    const prefix = "no-such-platform-";
    expect(await redirectedNow({ prefix }, declaredBy(catalog), catalog)).toEqual([]);
    const before = declaredBy(catalogOf({ "a.yaml": team("t", [follows()]) }));
    expect(await redirectedNow({ prefix }, before, catalog)).toEqual([
      expect.stringMatching(/^whether the checks of x are answered .* the agent's container cannot be asked: /),
    ]);
  });
});

function bodyOf(incoming: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => parts.push(part)).on("end", () => resolve(Buffer.concat(parts).toString()));
  });
}
