import { collisions } from "../../../../lib/catalog/collisions.js";
import { renderDefinition } from "../../../../lib/catalog/definition.js";
import { importedFiles } from "../../../../lib/catalog/imported/files.js";
import type { RegisteredCheck, Registration } from "../../../../lib/catalog/imported/registration.js";
import { catalogOf } from "../../../support/catalog-helpers.js";

const made = (type: string, output: string, rest: Partial<RegisteredCheck> = {}): RegisteredCheck => ({
  ...{ ofNode: "", type, status: "passing", interval: "10s", timeout: "5s", output, definition: { more: [] } },
  ...rest,
});
const http = (url: string, rest: Partial<RegisteredCheck> = {}) =>
  made("http", `HTTP GET ${url}: 200 OK Output: ok`, rest);
const critical = { status: "critical" };
const billing: Registration = {
  ...{ id: "billing_service", name: "billing_service", kind: "", node: "a", nodeAddress: "192.0.2.1" },
  ...{ address: "isa-billing", port: 8216, tags: ["v1"], meta: { team: "user-platform", version: "1.0.0" } },
  ...{ weights: { passing: 1, warning: 1 }, checks: [http("http://isa-billing:8216/health")] },
};
/** Another service at an address of its own. */
const at = (name: string, address: string, port: number, ...checks: RegisteredCheck[]): Registration => ({
  ...{ ...billing, id: name, name, address, port, checks, tags: [], meta: { team: "shop" } },
});
const files = (...registrations: Registration[]) =>
  Object.fromEntries(importedFiles(registrations).map(({ name, text }) => [name, text]));
const rendered = (...registrations: Registration[]) =>
  catalogOf(files(...registrations)).services.map(renderDefinition);
const left = (...registrations: Registration[]) => importedFiles(registrations).flatMap((file) => file.left);
const notes = (...registrations: Registration[]) => importedFiles(registrations).flatMap((file) => file.notes);

test("what is imported and rendered again is the same registration", () => {
  expect(rendered(billing)).toEqual([
    {
      ...{ id: "billing_service", name: "billing_service", address: "isa-billing", port: 8216, tags: ["v1"] },
      meta: { team: "user-platform", version: "1.0.0" },
      checks: [
        expect.objectContaining({
          ...{ http: "http://isa-billing:8216/health", method: "GET", interval: "10s", timeout: "5s" },
        }),
      ],
    },
  ]);
  expect([...left(billing), ...notes(billing)]).toEqual([]);
});

test("every file says that a check follows no redirect here, which no Consul tells of its own", () => {
  expect(files(billing)["user-platform.yaml"]).toContain("a redirect is critical without redirects: true.");
});

test("several instances keep their ids, weights and places", () => {
  const second = {
    ...{ ...billing, id: "Host:billing:2", address: "10.0.0.2", weights: { passing: 5, warning: 1 } },
    checks: [http("http://10.0.0.2:8216/health")],
  };
  expect(rendered(billing, second)).toMatchObject([
    { id: "Host:billing:2", name: "billing_service", address: "10.0.0.2", weights: { passing: 5, warning: 1 } },
    { id: "billing_service", name: "billing_service", address: "isa-billing" },
  ]);
  expect(notes(billing, second)).toEqual([]);
});

test("each team has a file, and what has none is in one of its own", () => {
  const stray = { ...billing, name: "stray", id: "stray", port: 1, meta: {}, checks: [] };
  expect(Object.keys(files(billing, stray))).toEqual(["imported.yaml", "user-platform.yaml"]);
});

describe("of a check that Consul's agent makes", () => {
  const own = at("x", "10.1.0.5", 8025);
  const checkOf = (check: RegisteredCheck, registration = own) => {
    const [service] = rendered({ ...registration, checks: [check] });
    const { id: _, name: __, deregister_critical_service_after: ___, ...rest } = service?.checks[0] ?? { id: "" };
    return rest;
  };
  const times = { interval: "10s", timeout: "5s" };
  const usual = { ...times, disable_redirects: true, output_max_size: 1 };

  test.each<[string, RegisteredCheck, object]>([
    [
      "its URL, though it fails",
      made("http", 'Get "http://10.1.0.5:8025/health": dial tcp 10.1.0.5:8025: connect: connection refused', critical),
      { http: "http://10.1.0.5:8025/health", method: "GET", ...usual },
    ],
    [
      "its URL as older agents print it",
      made("http", "Head http://10.1.0.5:8025/health: dial tcp 10.1.0.5:8025: i/o timeout", critical),
      { http: "http://10.1.0.5:8025/health", method: "HEAD", ...usual },
    ],
    [
      "an error of the service",
      made("http", "HTTP GET http://10.1.0.5:8025/a?b=c: 503 Service Unavailable Output: ", critical),
      { http: "http://10.1.0.5:8025/a?b=c", method: "GET", ...usual },
    ],
    ["TLS", http("https://10.1.0.5:8025/health"), { http: "https://10.1.0.5:8025/health", method: "GET", ...usual }],
    [
      "another port",
      http("http://10.1.0.5:8081/health"),
      { http: "http://10.1.0.5:8081/health", method: "GET", ...usual },
    ],
    ["a URL without a path", http("http://10.1.0.5:8025"), { http: "http://10.1.0.5:8025/", method: "GET", ...usual }],
    ["TCP", made("tcp", "TCP connect 10.1.0.5:8025: Success"), { tcp: "10.1.0.5:8025", ...times }],
    [
      "TCP that fails",
      made("tcp", "dial tcp 10.1.0.5:8025: connect: connection refused", critical),
      { tcp: "10.1.0.5:8025", ...times },
    ],
    [
      "gRPC",
      made("grpc", "gRPC check 10.1.0.5:8025/orders.v1: success"),
      { grpc: "10.1.0.5:8025/orders.v1", ...times },
    ],
    [
      "gRPC that is down",
      made("grpc", "gRPC 10.1.0.5:8025 serving status: NOT_SERVING", critical),
      { grpc: "10.1.0.5:8025", ...times },
    ],
  ])("%s is read", (_, check, wanted) => {
    expect(checkOf(check)).toEqual(wanted);
  });

  test("what its agent asked of its own host is asked of the service's, where the service is on that host", () => {
    const node = at("x", "192.0.2.1", 8025);
    expect(checkOf(http("http://localhost:8025/health"), node)).toMatchObject({ http: "http://192.0.2.1:8025/health" });
    expect(checkOf(http("http://127.0.0.1:9000/health"), node)).toMatchObject({ http: "http://192.0.2.1:9000/health" });
    expect(checkOf(made("tcp", "TCP connect [::1]:8025: Success"), node)).toMatchObject({ tcp: "192.0.2.1:8025" });
    expect(notes({ ...node, checks: [http("http://localhost:8025/health")] })).toEqual([
      "x: its agent asked its own host, http://localhost:8025/health: it is asked at 192.0.2.1 here",
    ]);
    expect(notes({ ...own, checks: [http("http://localhost:8025/health")] })).toEqual([
      "x: nothing checks it here: its HTTP check asks the old agent's own host, http://localhost:8025/health",
    ]);
  });

  test("TCP and gRPC of another port of its own host are asked there, whether they pass or fail", () => {
    expect(checkOf(made("tcp", "TCP connect 10.1.0.5:8222: Success"))).toMatchObject({ tcp: "10.1.0.5:8222" });
    const refused = made("tcp", "dial tcp 10.1.0.5:8222: connect: connection refused", critical);
    expect(checkOf(refused)).toMatchObject({ tcp: "10.1.0.5:8222" });
    expect(checkOf(made("grpc", "gRPC check 10.1.0.5:9091: success"))).toMatchObject({ grpc: "10.1.0.5:9091" });
    // An error names the address, and never the name that was asked.
    const named = at("x", "x.example.com", 8025, made("tcp", "dial tcp 10.1.0.5:8222: connection refused", critical));
    expect(rendered(named)).toMatchObject([{ checks: [{ tcp: "x.example.com:8222" }] }]);
    expect(notes(named)).toEqual(["x: its TCP check fails at 10.1.0.5:8222, taken for x.example.com:8222"]);
  });

  test.each<[string, string, string, string]>([
    ["10s", "", "10s", "10s"],
    ["4s", "", "4s", "4s"],
    ["1m0s", "0s", "1m0s", "10s"],
    ["500ms", "200ms", "1s", "1s"],
    ["1.5s", "1s", "2s", "1s"],
    ["5s", "30s", "5s", "5s"],
    ["", "", "10s", "10s"],
    ["9999999999999999999999s", "5s", "10s", "5s"],
  ])("the times %j and %j become %s and %s", (interval, timeout, every, within) => {
    const check = http("http://10.1.0.5:8025/health", { interval, timeout });
    expect(checkOf(check)).toMatchObject({ interval: every, timeout: within });
  });

  test.each<[string, RegisteredCheck, RegExp]>([
    [
      "TCP of another host",
      made("tcp", "TCP connect 10.1.0.6:8025: Success"),
      /asks 10\.1\.0\.6:8025, and a catalog's asks 10\.1\.0\.5 alone/,
    ],
    [
      "TCP of another host that fails",
      made("tcp", "dial tcp 10.1.0.6:8025: connect: connection refused"),
      /asks 10\.1\.0\.6:8025/,
    ],
    [
      "TCP whose name is not found",
      made("tcp", "dial tcp: lookup x on 127.0.0.11:53: no such host"),
      /what its TCP check printed does not show/,
    ],
    ["TCP over TLS", made("tcp", "TCP+TLS connect 10.1.0.5:8025: Success"), /made over TLS/],
    ["HTTP that has not run", made("http", ""), /nothing yet that its HTTP check printed/],
    ["HTTP with a password", http("http://user:hunter2@10.1.0.5:8025/health"), /a user or a password/],
    [
      "HTTP by another method",
      made("http", "HTTP DELETE http://10.1.0.5:8025/x: 200 OK Output: "),
      /does not take its check's method/,
    ],
    ["gRPC of another host", made("grpc", "gRPC check 10.1.0.9:8025: success"), /asks 10\.1\.0\.9:8025/],
    ["gRPC that does not say", made("grpc", "context deadline exceeded"), /what its gRPC check printed does not show/],
    ["a heartbeat", made("ttl", "ok"), /TTL heartbeat, of which Consul does not tell the time/],
    ["an alias", made("alias", "All checks passing."), /as healthy as another service/],
    ["a script", made("script", "HTTP GET http://10.1.0.5:8025/health: 200 OK Output: "), /of the kind script/],
    ["docker", made("docker", "ok"), /of the kind docker/],
    ["UDP", made("udp", "UDP connect 10.1.0.5:8025: Success"), /of the kind udp/],
    ["HTTP/2", made("h2ping", "HTTP2 ping was successful"), /of the kind h2ping/],
    ["a state written by hand", made("", "all is well"), /written by somebody else/],
    ["its node's", made("script", "disk full", { ofNode: "disk" }), /the check disk of its node a counts for it too/],
    ["maintenance", made("maintenance", "until Monday"), /in maintenance mode: until Monday/],
  ])("%s is not guessed: healthy it is told, critical it is left out", (_, check, why) => {
    const healthy = { ...own, checks: [check] };
    const [note] = notes(healthy);
    expect(note).toMatch(why);
    expect(note).toMatch(/^x: nothing checks it here: /);
    expect(files(healthy)["shop.yaml"]).toMatch(/kind: none\n +reason: "?imported, and /);
    expect(left(healthy)).toEqual([]);

    const down = { ...own, checks: [{ ...check, ...critical }] };
    expect(left(down)).toEqual([
      expect.stringMatching(/^x at 10\.1\.0\.5:8025: it is critical, and would count as healthy here: /),
    ]);
    expect(Object.keys(files(down))).toEqual(["shop.left-out.txt"]);
    // Beside one that can be written too.
    expect(left({ ...own, checks: [http("http://10.1.0.5:8025/health"), { ...check, ...critical }] })).toHaveLength(1);
    expect([...notes(healthy), ...left(down)].join("\n")).not.toContain("hunter2");
  });

  test("what came through the catalog API is read from its definition, without what may be a secret", () => {
    const definition = { http: "https://10.1.0.5:8025/up", method: "POST", more: ["Header"] };
    expect(checkOf(made("", "", { definition }))).toMatchObject({ http: "https://10.1.0.5:8025/up", method: "POST" });
    expect(notes({ ...own, checks: [made("", "", { definition })] })).toEqual([
      "x: Consul does not tell what its check sends by POST",
      "x: its check has Header besides, which may be a secret: not written here",
    ]);
    expect(checkOf(made("", "", { definition: { tcp: "10.1.0.5:8025", more: [] } }))).toMatchObject({
      tcp: "10.1.0.5:8025",
    });
  });
});

describe("instances that are checked otherwise", () => {
  const orders = (id: string, address: string, url: string, rest: Partial<RegisteredCheck> = {}) => ({
    ...at("orders", address, 8080, http(url, rest)),
    id,
  });
  const a = orders("orders-a", "10.1.0.1", "http://10.9.0.1:8081/actuator/health");
  const down = orders("orders-b", "10.1.0.2", "http://10.9.0.2:8081/actuator/health", critical);
  const up = orders("orders-b", "10.1.0.2", "http://10.9.0.2:8081/actuator/health");

  test("do not get each other's URL: the one that is critical is left out", () => {
    expect(rendered(a, down)).toMatchObject([
      { id: "orders-a", checks: [{ http: "http://10.9.0.1:8081/actuator/health" }] },
    ]);
    expect(left(a, down)).toEqual([
      "orders, instance orders-b at 10.1.0.2:8080: it is critical, and checked otherwise than the other instances, which a catalog cannot say: http http://10.9.0.2:8081/actuator/health",
    ]);
  });

  test("are each checked at all addresses where all pass, or none does", () => {
    for (const two of [
      [a, up] as const,
      [orders("orders-a", "10.1.0.1", "http://10.9.0.1:8081/actuator/health", critical), down] as const,
    ]) {
      const urls = ["http://10.9.0.1:8081/actuator/health", "http://10.9.0.2:8081/actuator/health"];
      expect(rendered(...two).map(({ checks }) => checks.map((check) => "http" in check && check.http))).toEqual([
        urls,
        urls,
      ]);
      expect(notes(...two)).toEqual([
        expect.stringMatching(/^orders: its instances are checked at different addresses/),
      ]);
      expect(left(...two)).toEqual([]);
    }
  });

  test("on a port of their own, as a management port is, are checked there each, also the one that is critical", () => {
    const two = [
      orders("orders-a", "10.1.0.1", "http://10.1.0.1:8081/actuator/health"),
      orders("orders-b", "10.1.0.2", "http://10.1.0.2:8081/actuator/health", critical),
    ] as const;
    expect(rendered(...two)).toMatchObject([
      { id: "orders-a", port: 8080, checks: [{ http: "http://10.1.0.1:8081/actuator/health" }] },
      { id: "orders-b", port: 8080, checks: [{ http: "http://10.1.0.2:8081/actuator/health" }] },
    ]);
    expect([...notes(...two), ...left(...two)]).toEqual([]);
    expect(
      Object.values(files(...two))
        .join()
        .match(/port: 8081/g),
    ).toHaveLength(1);
  });

  test("are left out where their checks cannot stand side by side", () => {
    const third = { ...at("orders", "10.1.0.3", 8080, made("ttl", "")), id: "orders-c" };
    expect(left(a, third)).toEqual([
      expect.stringMatching(/^orders, instance orders-c at .* by nothing that is known$/),
    ]);
  });

  test("at other times alone are told", () => {
    const slow = orders("orders-b", "10.1.0.2", "http://10.1.0.2:8080/h", { interval: "30s" });
    expect(notes(orders("orders-a", "10.1.0.1", "http://10.1.0.1:8080/h"), slow)).toEqual([
      "orders: its instances are checked at different times; those of orders-a are written",
    ]);
  });

  test("on a node that is dead are left out, and the others stay", () => {
    const serf = made("", "Agent not live or unreachable", { ofNode: "serfHealth", ...critical });
    const dead = { ...orders("orders-b", "10.1.0.2", "http://10.1.0.2:8080/h"), node: "b" };
    const alive = orders("orders-a", "10.1.0.1", "http://10.1.0.1:8080/h");
    expect(rendered(alive, { ...dead, checks: [...dead.checks, serf] })).toMatchObject([{ id: "orders-a" }]);
    expect(left(alive, { ...dead, checks: [...dead.checks, serf] })).toEqual([
      expect.stringContaining("the check serfHealth of its node b counts for it too"),
    ]);
    expect(notes({ ...alive, checks: [...alive.checks, { ...serf, status: "passing" }] })).toEqual([]);
  });
});

test("several checks of one service come back, each with a name", () => {
  const checks = [
    http("http://isa-billing:8216/health"),
    http("https://status.example.com/up"),
    made("tcp", "TCP connect isa-billing:8216: Success"),
  ];
  expect(rendered({ ...billing, checks })[0]?.checks).toMatchObject([
    { id: "billing_service:http", http: "http://isa-billing:8216/health" },
    { id: "billing_service:http-2", http: "https://status.example.com/up" },
    { id: "billing_service:tcp-3", tcp: "isa-billing:8216" },
  ]);
});

test("what a catalog cannot say is left out with why, on one line, and the rest is a catalog", () => {
  const odd = { ...billing, name: "Odd.Service", id: "odd", port: 2 };
  const none = { ...billing, name: "no_port", id: "no_port", port: 0 };
  const proxy = { ...billing, name: "billing-sidecar", id: "sidecar", port: 3, kind: "connect-proxy" };
  expect(left(billing, odd, none, proxy)).toEqual([
    expect.stringMatching(/^Odd\.Service: .*is not allowed as a name/),
    expect.stringMatching(/^billing-sidecar, instance sidecar at isa-billing:3: it is a connect-proxy/),
    expect.stringMatching(/^no_port: no_port\.port is 0/),
  ]);
  expect(files(billing, odd, none)["user-platform.yaml"]).toContain("# Left out: no_port: no_port.port is 0");
  expect(rendered(billing, odd, none, proxy)).toHaveLength(1);
});

test("a tag or meta that a catalog does not take is left out and told, and the service stays", () => {
  const tagged = {
    ...billing,
    tags: ["v1", "urlprefix-/a strip=/a", " a", "a\u009bb"],
    meta: { ok: "1", "not.a.key": "2" },
  };
  expect(rendered(tagged)).toMatchObject([
    { tags: ["v1", "urlprefix-/a strip=/a"], meta: { team: "imported", ok: "1" } },
  ]);
  expect(notes(tagged)).toEqual([
    'billing_service: the tag " a" is left out: a catalog does not take it',
    'billing_service: the tag "a\\u009bb" is left out: a catalog does not take it',
    'billing_service: the meta "not.a.key" is left out: a catalog does not take it',
  ]);
});

test("what services hold cannot break out of a comment, nor hide in it", () => {
  const evil = {
    ...billing,
    name: "evil",
    id: "evil",
    tags: ["a\n# b: c\u202e\u2028d"],
    checks: [made("maintenance", "x\ny: z\u2028w")],
  };
  const text = files(evil)["user-platform.yaml"] ?? "";
  expect(text).not.toMatch(/[\u202e\u2028]/);
  expect(Object.keys(files(evil))).toEqual(["user-platform.yaml"]);
  expect(rendered(evil)).toHaveLength(1);
});

test("of two under one id, on two nodes, the one that passes and that something checks is kept, and the other told", () => {
  const heartbeat = { ...billing, address: "elsewhere", checks: [made("ttl", "")] };
  const failing = { ...billing, address: "elsewhere", checks: [http("http://elsewhere:8216/health", critical)] };
  for (const other of [heartbeat, failing])
    for (const both of [
      [other, billing],
      [billing, other],
    ]) {
      expect(left(...both)).toEqual([
        "billing_service: the id billing_service is registered on another node too, at elsewhere:8216",
      ]);
      expect(rendered(...both)).toMatchObject([{ address: "isa-billing" }]);
    }
});

test("what would clash with another is left out with the other's name, and the rest is a catalog", () => {
  const same = { ...billing, name: "other_name", id: "other_name" };
  const dns = at("billing-service", "10.0.0.9", 1, http("http://10.0.0.9:1/"));
  const instance = { ...at("router", "10.0.0.8", 1, http("http://10.0.0.8:1/")), id: "billing_service_2" };
  const named = at("billing_service_2", "10.0.0.7", 1, http("http://10.0.0.7:1/"));
  const twice = { ...billing, id: "billing-stale" };
  expect(left(billing, same, dns, instance, named, twice).sort()).toEqual([
    expect.stringMatching(/^billing-service: |^billing_service: /),
    expect.stringMatching(
      /^billing_service: .*has the address isa-billing:8216, which is taken at billing-stale$|^billing_service: /,
    ),
    expect.stringMatching(/^other_name: other_name has the address isa-billing:8216, which is taken at /),
    expect.stringMatching(/^router: the id billing_service_2 /),
  ]);
  const services = catalogOf(files(billing, same, dns, instance, named, twice)).services.map(({ id }) => id);
  expect(services).toContain("billing_service_2");
  expect(collisions([])).toEqual([]);
});

test("a service whose instances name several teams has the one that most name, which is told", () => {
  const of = (id: string, team: string, address: string) => ({
    ...billing,
    id,
    address,
    meta: { team },
    checks: [made("ttl", "")],
  });
  const three = [of("1", "red", "h1"), of("2", "blue", "h2"), of("3", "blue", "h3")];
  expect(Object.keys(files(...three))).toEqual(["blue.yaml"]);
  expect(notes(...three)[0]).toBe('billing_service: its meta.team "red" becomes blue');
  expect(notes({ ...billing, meta: { team: "Team A" } })).toEqual([
    'billing_service: its meta.team "Team A" becomes imported',
  ]);
});

describe("what is the same in all services of a team", () => {
  const isa = (name: string, port: number, path = "/health") => ({
    ...{ ...billing, id: `${name}_service`, name: `${name}_service`, address: `isa-${name}`, port, tags: ["v1", name] },
    checks: [http(`http://isa-${name}:${port}${path}`)],
  });
  const three = [isa("billing", 8216), isa("wallet", 8113), isa("order", 8105, "/ready")];

  test("stands once, in defaults", () => {
    expect(
      files(...three)
        ["user-platform.yaml"]?.split("\n")
        .slice(4)
        .join("\n"),
    ).toBe(`team: user-platform
defaults:
  address: isa-{name}
  tags:
    - v1
  meta:
    version: 1.0.0
  check:
    kind: http
    path: /health
    interval: 10s
    timeout: 5s
services:
  billing_service:
    port: 8216
    tags:
      - billing
  order_service:
    port: 8105
    tags:
      - order
    check:
      path: /ready
  wallet_service:
    port: 8113
    tags:
      - wallet
`);
  });

  test("declares the same services as before", () => {
    expect(rendered(...three)).toEqual(
      three.map((each) => rendered(each)[0]).sort((x, y) => ((x?.id ?? "") < (y?.id ?? "") ? -1 : 1)),
    );
  });

  test("is not what a person has to answer for each, nor what one of them says otherwise", () => {
    const two = [isa("billing", 1), isa("wallet", 2)].map((each) => ({ ...each, checks: [made("ttl", "")] }));
    expect(files(...two)["user-platform.yaml"]?.match(/kind: none/g)).toHaveLength(2);
    const odd = {
      ...isa("wallet", 2),
      checks: [made("http", "HTTP POST http://isa-wallet:2/health: 200 OK Output: ")],
    };
    expect(
      rendered(isa("billing", 1), isa("order", 3), odd).map(({ checks }) => "method" in (checks[0] ?? {}) && checks[0]),
    ).toMatchObject([{ method: "GET" }, { method: "GET" }, { method: "POST" }]);
  });
});
