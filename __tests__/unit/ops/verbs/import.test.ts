import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCatalog } from "../../../../lib/catalog/read-catalog.js";
import { importCatalog } from "../../../../ops/verbs/import.js";

/** Answers as a Consul would, or would not: what each path gives, with its headers. */
let server: Server;
let from: string;
let answers: Record<string, unknown>;
let headers: Record<string, string>;
let status: number;
let asked: IncomingHttpHeaders[];
let home: string;
let printed: string;

beforeEach(async () => {
  [answers, headers, status, asked, printed] = [{}, {}, 200, [], ""];
  home = mkdtempSync(join(tmpdir(), "rollcall-import-"));
  jest.spyOn(console, "log").mockImplementation((line: string) => {
    printed += `${line}\n`;
  });
  server = createServer((request, answer) => {
    asked.push(request.headers);
    const body = answers[decodeURIComponent(request.url ?? "")];
    answer.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body ?? null));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  from = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  jest.restoreAllMocks();
  server.close();
  rmSync(home, { recursive: true });
});

const node = (name: string, address: string) => ({ Node: name, Address: address });
const serf = { CheckID: "serfHealth", ServiceID: "", Status: "passing", Output: "Agent alive and reachable", Type: "" };
const instance = (
  id: string,
  name: string,
  address: string,
  port: number,
  check: object,
  at = node("a", "192.0.2.1"),
) => ({
  Node: at,
  Service: {
    ID: id,
    Service: name,
    Address: address,
    Port: port,
    Tags: [],
    Meta: {},
    Weights: { Passing: 1, Warning: 1 },
  },
  Checks: [
    serf,
    { CheckID: `service:${id}`, ServiceID: id, Interval: "10s", Timeout: "5s", Status: "passing", ...check },
  ],
});

function holds(services: Readonly<Record<string, readonly object[]>>): void {
  answers["/v1/catalog/services"] = Object.fromEntries(["consul", ...Object.keys(services)].map((name) => [name, []]));
  for (const [name, instances] of Object.entries(services)) answers[`/v1/health/service/${name}`] = instances;
}

function run(more: Readonly<Record<string, string>> = {}): Promise<number> {
  return importCatalog({ from, to: join(home, "catalog"), ...more });
}

const fine = { Type: "http", Output: "HTTP GET http://10.1.0.9:80/health: 200 OK Output: " };

test("what Consul tells whole is written whole, with exit code 0", async () => {
  holds({ fine: [instance("fine", "fine", "10.1.0.9", 80, fine)] });
  expect(await run()).toBe(0);
  expect(printed).toBe(`${join(home, "catalog", "imported.yaml")}  1 services\n`);
});

test("checks on other ports, and checks that fail, are read or told: nothing critical becomes healthy, exit code 1", async () => {
  const health = (host: string, said: string) => `HTTP GET http://${host}:8081/actuator/health: ${said} Output: `;
  holds({
    orders: [
      instance("orders-a", "orders", "10.1.0.1", 8080, { Type: "http", Output: health("10.1.0.1", "200 OK") }),
      instance(
        "orders-b",
        "orders",
        "10.1.0.2",
        8080,
        {
          ...{ Type: "http", Output: health("10.1.0.2", "503 Service Unavailable"), Status: "critical" },
        },
        node("b", "192.0.2.2"),
      ),
    ],
    queue: [
      instance("queue", "queue", "10.1.0.4", 4222, { Type: "tcp", Output: "TCP connect 10.1.0.4:8222: Success" }),
    ],
    topics: [
      instance("topics", "topics", "10.1.0.4", 4223, { Type: "tcp", Output: "TCP connect 10.1.0.9:4223: Success" }),
    ],
    carts: [
      instance("carts-a", "carts", "10.1.0.6", 8080, { Type: "http", Output: health("10.9.0.6", "200 OK") }),
      instance("carts-b", "carts", "10.1.0.7", 8080, {
        ...{ Type: "http", Output: health("10.9.0.7", "503 Service Unavailable"), Status: "critical" },
      }),
    ],
    mailer: [
      instance("mailer", "mailer", "10.1.0.5", 8025, {
        Type: "http",
        Output: 'Get "http://10.1.0.5:8025/health": dial tcp 10.1.0.5:8025: connect: connection refused',
        Status: "critical",
      }),
    ],
  });
  expect(await run()).toBe(1);
  expect(printed).toContain("  left out  carts, instance carts-b at 10.1.0.7:8080: it is critical");
  expect(printed).toContain("  to answer  topics: nothing checks it here: its TCP check asks 10.1.0.9:4223");
  expect(printed).toMatch(/\n1 left out, 1 to answer by hand: docs\/migration\.md says how\.\n$/);
  const checks = Object.fromEntries(
    readCatalog(join(home, "catalog")).services.map(({ id, checks: [first] }) => [id, first?.check]),
  );
  expect(checks).toMatchObject({
    "orders-a": { kind: "http", path: "/actuator/health", port: 8081 },
    "orders-b": { kind: "http", path: "/actuator/health", port: 8081 },
    "carts-a": { kind: "http", url: "http://10.9.0.6:8081/actuator/health" },
    queue: { kind: "tcp", port: 8222 },
    topics: { kind: "none" },
    mailer: { kind: "http", path: "/health" },
  });
});

test("what the token may not read is told, not missed", async () => {
  holds({ fine: [instance("fine", "fine", "10.1.0.9", 80, fine)] });
  headers = { "X-Consul-Results-Filtered-By-ACLs": "true" };
  expect(await run()).toBe(1);
  expect(printed).toContain("Consul left out what this token may not read");
});

test("the answers of older agents, without types, times, weights, tags and meta, are read", async () => {
  const check = { CheckID: "c", ServiceID: "old", Status: "passing", Output: fine.Output };
  holds({
    old: [
      {
        Node: node("a", "10.1.0.9"),
        Service: { ID: "old", Service: "old", Address: "", Port: 80, Tags: null },
        Checks: [check],
      },
    ],
  });
  expect(await run()).toBe(1);
  expect(printed).toContain("old: Consul does not tell how often it is checked: 10s is written here");
  expect(readCatalog(join(home, "catalog")).services).toMatchObject([{ address: "10.1.0.9", tags: [] }]);
});

test.each<[string, unknown]>([
  ["a page", "<html>"],
  ["a list", [1]],
  ["null", null],
])("%s in place of an answer is told as no Consul's, and no folder is made", async (_, body) => {
  answers["/v1/catalog/services"] = body;
  await expect(run()).rejects.toThrow("/v1/catalog/services answered something else than Consul does");
  expect(existsSync(join(home, "catalog"))).toBe(false);
});

test("a redirect is not followed: it would take the token elsewhere", async () => {
  writeFileSync(join(home, "token"), "t0ken\n");
  [status, headers] = [302, { location: `${from}/elsewhere` }];
  await expect(run({ tokenFile: join(home, "token") })).rejects.toThrow(/\/v1\/catalog\/services answered 302/);
  expect(asked).toHaveLength(1);
  expect(asked[0]?.["x-consul-token"]).toBe("t0ken");
});

test("a password in the address is refused, and not printed", async () => {
  const refused = run({ from: "http://user:hunter2@localhost:8500" });
  await expect(refused).rejects.toThrow("--from has a user or a password in it");
  await expect(refused).rejects.not.toThrow(/hunter2/);
});

test("what a service registers is printed as what it is", async () => {
  const evil = { Type: "maintenance", Output: "\u001b[2Ja\u202eb", Status: "critical" };
  holds({
    fine: [instance("fine", "fine", "10.1.0.9", 80, fine)],
    evil: [instance("evil", "evil", "10.1.0.8", 80, evil)],
  });
  await run();
  expect(printed).toContain("\\u001b[2Ja\\u202eb");
  const text = readFileSync(join(home, "catalog", "imported.yaml"), "utf8");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  expect(printed + text).not.toMatch(/[\u001b\u202e]/);
});
