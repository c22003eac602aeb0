import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { kvKey, kvValue, LONGEST_VALUE } from "../../lib/catalog/definition";
import type { Service } from "../../lib/catalog/types";
import { anyCatalog } from "./catalog-generator";
import { catalogOf } from "./catalog-helpers";

const folder = join(__dirname, "../../lib/consul/registrar");
/** The awk of busybox is what the images have; elsewhere the awk of the machine must do. */
const awk = spawnSync("busybox", ["awk", "BEGIN{}"]).status === 0 ? ["busybox", "awk"] : ["awk"];

const billing = {
  id: "billing",
  name: "billing",
  address: "isa-billing",
  port: 8216,
  tags: ["v1", 'a ${b} "quoted" \u00e9 <&>'],
  meta: { team: "user-platform", version: "1.0.0" },
  checks: [
    {
      id: "billing:http",
      name: "HTTP GET /health",
      http: "http://isa-billing:8216/health",
      method: "GET",
      interval: "10s",
      timeout: "5s",
      deregister_critical_service_after: "90s",
    },
  ],
};
const check = billing.checks[0];

/** One registrar's files: what is in KV, what is in place, and what the awk program makes of them. */
class Place {
  readonly home = mkdtempSync(join(tmpdir(), "registrar-"));
  readonly run = join(this.home, "run");
  readonly definitions = join(this.home, "definitions");
  readonly keep = join(this.definitions, ".registrar");

  write(file: string, text: string): void {
    writeFileSync(join(this.run, file), text);
  }
  read(file: string): string {
    return readFileSync(join(this.run, file), "utf8");
  }
  constructor(private readonly prefix = "catalog/") {
    mkdirSync(this.run);
    mkdirSync(join(this.keep, "candidate"), { recursive: true });
    for (const file of ["kv", "judged", "vetoed", "states", "told", "failed", "failing"]) this.write(file, "");
    writeFileSync(join(this.keep, "untold"), "");
  }
  decide(mode: string, ...args: string[]): string {
    const [command = "awk", ...applet] = awk;
    const programs = ["definition.awk", "registrar.awk"].flatMap((name) => ["-f", join(folder, name)]);
    const env = {
      ...process.env,
      LC_ALL: "C",
      REGISTRAR_RUN: this.run,
      DEFINITIONS: this.definitions,
      KEEP: this.keep,
    };
    return execFileSync(command, [...applet, "-v", `mode=${mode}`, ...programs, ...args], {
      env: { ...env, KV_PREFIX: this.prefix },
      encoding: "utf8",
    });
  }
  /** Judges a state of KV, as `consul kv get -recurse -base64` prints it, and puts the outcome in place. */
  judge(values: Readonly<Record<string, unknown>>): void {
    const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
    const lines = Object.entries(values)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${key}:${Buffer.from(text(value)).toString("base64")}\n`);
    this.write("kv.new", `${lines.join("")}end\n`);
    this.decide("judge");
    this.place();
    renameSync(join(this.run, "kv.new"), join(this.run, "kv"));
    renameSync(join(this.run, "judged.new"), join(this.run, "judged"));
    for (const name of this.read("gone").split("\n").filter(Boolean)) rmSync(join(this.definitions, name));
  }
  place(): void {
    renameSync(join(this.keep, "untold.new"), join(this.keep, "untold"));
    renameSync(join(this.run, "states.new"), join(this.run, "states"));
    for (const name of readdirSync(join(this.keep, "candidate"))) {
      renameSync(join(this.keep, "candidate", name), join(this.definitions, name));
    }
  }
  observe(statuses: Readonly<Record<string, string>>, again = 0): string {
    const checks = Object.entries(statuses).map(([id, Status]) => ({
      Node: "consul-agent-shared",
      CheckID: id,
      Status,
      Output: 'it said "{[\\" and more, :',
      ServiceID: id === "serfHealth" ? "" : id.split(":")[0],
      ServiceTags: ["v1", "{"],
      Definition: { Status: "wrong", CheckID: "wrong" },
    }));
    this.write("checks.now", `${JSON.stringify(checks)}\n`);
    const said = this.decide("observe", "-v", `again=${again}`);
    if (said !== "unusable\n") this.place();
    return said;
  }
  told(...services: string[]): string {
    this.write("told", services.map((service) => `${service}\n`).join(""));
    const said = this.decide("told");
    renameSync(join(this.keep, "untold.new"), join(this.keep, "untold"));
    renameSync(join(this.run, "failing.new"), join(this.run, "failing"));
    return said;
  }
  get files(): readonly string[] {
    return readdirSync(this.definitions).filter((name) => name.endsWith(".json"));
  }
  definition(file: string): unknown {
    return JSON.parse(readFileSync(join(this.definitions, `${file}.json`), "utf8"));
  }
  get orders(): readonly string[] {
    return readFileSync(join(this.keep, "untold"), "utf8").trimEnd().split("\n").filter(Boolean);
  }
  get refused(): string {
    return this.read("judged");
  }
}

const places: Place[] = [];
function newPlace(prefix?: string): Place {
  const place = new Place(prefix);
  places.push(place);
  return place;
}
afterAll(() => {
  for (const place of places) rmSync(place.home, { recursive: true });
});

const key = "catalog/user-platform/billing";
const file = "user-platform.billing";
const withStatus = (status: string, changes: object = {}) => ({
  service: { ...billing, ...changes, checks: [{ ...check, status }] },
});

describe("judging a value", () => {
  test("a good one becomes a definition whose check is critical until it is seen otherwise", () => {
    const place = newPlace();
    place.judge({ [key]: billing });
    expect(place.refused).toBe("");
    expect(place.definition(file)).toEqual(withStatus("critical"));
    expect(place.orders).toEqual([`+\t${file}\tnew`]);
  });

  test("a prefix of a host's own has the teams below it; a team's folder is no prefix, as docs/production.md says", () => {
    const host = newPlace("hosts/host-1/");
    host.judge({ "hosts/host-1/user-platform/billing": billing });
    expect([host.refused, host.files]).toEqual(["", [`${file}.json`]]);
    const team = newPlace("catalog/user-platform/");
    team.judge({ [key]: billing });
    expect(team.refused).toContain("the key must be catalog/user-platform/<team>/<service>");
    expect(team.files).toEqual([]);
    const page = readFileSync(join(__dirname, "../../docs/production.md"), "utf8");
    expect(page).toContain("`KV_PREFIX=hosts/HOST/`");
    expect(page).not.toContain("reads\n   `catalog/<team>/`");
  });

  test("every field that a check may have passes, and white space between the tokens", () => {
    const place = newPlace();
    const thresholds = { success_before_passing: 2, failures_before_warning: 1, failures_before_critical: 3 };
    const checks = [
      { ...check, ...thresholds, notes: "n", body: "b", header: { "X-A": ["1", "2"], B: [] } },
      { ...check, id: "billing:strict", disable_redirects: true, output_max_size: 1 },
      { id: "billing:tcp", tcp: "isa-billing:8216", interval: "1m30s" },
      { id: "billing:grpc", grpc: "isa-billing:8216/x", grpc_use_tls: true, tls_server_name: "x", interval: "0.5s" },
      { id: "billing:ttl", ttl: "60s" },
    ];
    place.judge({
      [key]: JSON.stringify({ ...billing, checks })
        .replaceAll('":', '" : ')
        .replaceAll(",", " , "),
    });
    expect(place.refused).toBe("");
    expect(place.definition(file)).toEqual({
      service: { ...billing, checks: checks.map((each) => ({ ...each, status: "critical" })) },
    });
  });

  test("a service without checks and one at an IPv6 address pass", () => {
    const place = newPlace();
    place.judge({ [key]: { ...billing, address: "fd00::1", checks: [] } });
    expect(place.refused).toBe("");
    expect(place.read("states")).toBe(`${file}\t\n`);
  });

  test("a line break in a meta value is kept as it was written", () => {
    const place = newPlace();
    const meta = { ...billing.meta, note: 'two\nlines\tand "quotes"' };
    place.judge({ [key]: { ...billing, meta } });
    expect(place.refused).not.toContain("holds");
    expect(place.definition(file)).toEqual(withStatus("critical", { meta }));
  });

  test("takes whatever lint takes, from 1,000 generated services", () => {
    const place = newPlace();
    const drawn = fc.sample(anyCatalog, { numRuns: 200, seed: 1 }).flatMap((files) => catalogOf(files).services);
    // Two of the catalogs may have drawn the same name.
    const services = [...new Map(drawn.map((service) => [service.id, service])).values()];
    expect(services.length).toBeGreaterThan(1000);
    place.judge(Object.fromEntries(services.map((service) => [kvKey(service), kvValue(service)])));
    const files = new Set(place.files);
    const fileOf = (service: Service) => `${kvKey(service).replace("catalog/", "").replaceAll("/", ".")}.json`;
    expect(services.filter((service) => !files.has(fileOf(service))).map(kvValue)).toEqual([]);
  });

  const text = JSON.stringify(billing);
  const oneCheck = (changes: object) => ({ ...billing, checks: [{ ...check, ...changes }] });
  test.each<[string, unknown, RegExp]>([
    ["broken JSON", text.slice(0, -1), /^value: not valid JSON$/],
    ["no object", "[]", /^value: not valid JSON$/],
    ["nothing", "", /^value: not valid JSON$/],
    ["something after the object", `${text}{}`, /^value: something follows the object$/],
    ["a line break", `${text}\n`, /^value: holds a control character/],
    ["a NUL", `${text}\0`, /^value: holds a control character/],
    ["an escaped control character", text.replace("v1", "v\\u0007"), /^tags\[0\]: holds a control character$/],
    ["a bad escape", text.replace("v1", "v\\x"), /^tags\[0\]: must be a string$/],
    ["a trailing comma", text.replace('"v1",', '"v1",,'), /^tags\[1\]: must be a string$/],
    ["a field twice", text.replace('"port":', '"port":1,"port":'), /^port: given twice$/],
    ["a field in disguise", text.replace('"port"', '"p\\u006frt"'), /^value: has a field whose name is not of/],
    ["an unknown field", { ...billing, kind: "mesh" }, /^kind: not a field that a service may have$/],
    ["a field in capitals", { ...billing, Token: "x" }, /^Token: not a field that a service may have$/],
    ["a token", { ...billing, token: "s3cret" }, /^token: a definition may not carry a token$/],
    ["another name", { ...billing, name: "consul" }, /^name: must be the service in the key$/],
    ["another id", { ...billing, id: "billing-2" }, /^id: must be the last part of the key$/],
    ["another team", { ...billing, meta: { team: "ai-platform" } }, /^meta\.team: must be the team in the key$/],
    ["no team", { ...billing, meta: {} }, /^meta\.team: must be the team in the key$/],
    ["a number in meta", { ...billing, meta: { team: "user-platform", n: 1 } }, /^meta\.n: must be a string$/],
    ["port 0", { ...billing, port: 0 }, /^port: must be a whole number from 1 to 65535$/],
    ["port 65536", { ...billing, port: 65536 }, /^port: must be a whole number/],
    ["port 80.5", { ...billing, port: 80.5 }, /^port: must be a whole number/],
    ["a port in quotes", { ...billing, port: "80" }, /^port: must be a whole number$/],
    ["no port", { ...billing, port: undefined }, /^port: is missing$/],
    ["an address with a port", { ...billing, address: "isa-billing:80" }, /^address: must be a host name or an IP/],
    ["no address", { ...billing, address: undefined }, /^address: must be a host name or an IP/],
    ["tags that are no list", { ...billing, tags: "v1" }, /^tags: not valid JSON$/],
    ["a tag that is no string", { ...billing, tags: [1] }, /^tags\[0\]: must be a string$/],
    ["checks that are no list", { ...billing, checks: {} }, /^checks: not valid JSON$/],
    ["an empty check", { ...billing, checks: [{}] }, /^checks\[0\]: not valid JSON$/],
    ["a status", oneCheck({ status: "passing" }), /^checks\[0\]\.status: not a field that a check may have$/],
    ["a command", oneCheck({ args: ["sh", "-c", "id"] }), /^checks\[0\]\.args: a check may not run a command/],
    [
      "two kinds",
      oneCheck({ tcp: "x:1" }),
      /^checks\[0\]: must have exactly one of http, tcp, grpc, ttl, alias_service$/,
    ],
    ["no kind", oneCheck({ http: undefined }), /^checks\[0\]: must have exactly one of/],
    ["no interval", oneCheck({ interval: undefined }), /^checks\[0\]\.interval: belongs to every check/],
    ["a bad duration", oneCheck({ timeout: "5 s" }), /^checks\[0\]\.timeout: must be a duration/],
    ["a file as address", oneCheck({ http: "file:///etc/passwd" }), /^checks\[0\]\.http: must be an http or https/],
    [
      "a redirect in words",
      oneCheck({ disable_redirects: "yes" }),
      /^checks\[0\]\.disable_redirects: must be true or false$/,
    ],
    ["half an answer", oneCheck({ output_max_size: 0.5 }), /^checks\[0\]\.output_max_size: must be a whole number/],
    ["a foreign check id", oneCheck({ id: "other:http" }), /^checks\[0\]\.id: must be <service>:<something>/],
    ["two checks of one id", { ...billing, checks: [check, check] }, /^checks\[1\]\.id: given to two checks$/],
    ["a weight of nothing", { ...billing, weights: { idle: 1 } }, /^weights\.idle: not a field that weights may have$/],
    ["a weight in words", { ...billing, weights: { passing: "2" } }, /^weights\.passing: must be a whole number/],
    [
      "an alias with an interval",
      oneCheck({ http: undefined, alias_service: "x" }),
      /interval: belongs to every check/,
    ],
    ["more than 16 KiB", { ...billing, tags: ["x".repeat(17_000)] }, /^value: longer than 16384 bytes$/],
    ["10,000 brackets", "[".repeat(10_000), /^value: not valid JSON$/],
  ])("refuses %s, by the field's name and without the value", (_what, value, reason) => {
    const place = newPlace();
    place.judge({
      [key]: value,
      "catalog/user-platform/other": { ...billing, id: "other", name: "other", checks: [] },
    });
    expect(place.refused.replace(`${key}\t`, "").trimEnd()).toMatch(reason);
    expect(place.read("log.new")).toBe(`refused ${place.refused.replace("\t", ": ")}`);
    expect(place.read("log.new")).not.toMatch(/s3cret|passwd|xxx/);
    expect(place.files).toEqual(["user-platform.other.json"]);
  });

  test.each([
    "catalog/billing",
    "catalog/user-platform/",
    "catalog/user-platform/billing/x/y",
    "catalog/user-platform/billing/billing",
    "catalog/user-platform/billing/-x",
    "catalog/user-platform/billing/..",
    "catalog/User/billing",
    "catalog/../billing",
    "catalog/user-platform/-billing",
    "catalog/user-platform/bil.ling",
    "catalog/user-platform/bil:ling",
  ])("refuses the key %s", (bad) => {
    const place = newPlace();
    place.judge({ [bad]: billing });
    expect(place.refused).toBe(
      `${bad}\tthe key must be catalog/<team>/<service> or catalog/<team>/<service>/<id>, of a-z 0-9 _ -, an id also of A-Z . :\n`,
    );
    expect(place.files).toEqual([]);
  });

  test("takes several instances of a service, each under a key of its own", () => {
    const place = newPlace();
    const instance = (id: string) => ({
      ...billing,
      id,
      weights: { passing: 10, warning: 1 },
      checks: [
        { ...check, id: `${id}:http` },
        { id: `${id}:ttl`, name: "Heartbeat", ttl: "30s" },
        { id: `${id}:alias`, name: "Database", alias_service: "database" },
      ],
    });
    const ids = ["eu-1", "Host:billing:80.x"];
    place.judge(Object.fromEntries(ids.map((id) => [`${key}/${id}`, instance(id)])));
    expect(place.refused).toBe("");
    expect(place.files.toSorted()).toEqual(ids.map((id) => `${file}.${id}.json`).toSorted());
    expect(place.definition(`${file}.eu-1`)).toMatchObject({ service: { id: "eu-1", weights: { passing: 10 } } });
    place.told(...ids);
    expect(place.orders).toEqual([]);
    place.judge({ [`${key}/eu-1`]: instance("eu-1") });
    expect(place.orders).toEqual([`-\t${file}.Host:billing:80.x\tremoved`]);
  });

  test("of two services with one id the first keeps it", () => {
    const place = newPlace();
    const orders = { ...billing, name: "orders", checks: [] };
    place.judge({ [key]: billing });
    place.judge({ [key]: billing, "catalog/user-platform/orders/billing": orders });
    expect(place.refused).toBe(`catalog/user-platform/orders/billing\tthe name is taken by ${key}\n`);
  });

  test("refuses a key that comes twice, which only a forged line can", () => {
    const place = newPlace();
    const line = `${key}:${Buffer.from(JSON.stringify(billing)).toString("base64")}\n`;
    place.write("kv.new", `${line}${line}end\n`);
    place.decide("judge");
    expect(place.read("judged.new")).toContain("the key comes twice");
    expect(place.read("states.new")).toBe("");
  });

  test("reads nothing out of a list that is not whole", () => {
    const place = newPlace();
    place.judge({ [key]: billing });
    place.write("kv.new", "");
    expect(() => place.decide("judge")).toThrow();
    expect(place.files).toEqual([`${file}.json`]);
  });
});

describe("judging a batch", () => {
  test("a team that sorts earlier does not take a name from the one that has it", () => {
    const place = newPlace();
    place.judge({ [key]: billing });
    const earlier = { ...billing, meta: { team: "a" } };
    place.judge({ "catalog/a/billing": earlier, [key]: billing });
    expect(place.refused).toBe(`catalog/a/billing\tthe name is taken by ${key}\n`);
    expect(place.files).toEqual([`${file}.json`]);
  });

  test("what is unchanged is neither judged nor ordered nor logged again", () => {
    const place = newPlace();
    place.judge({ [key]: billing, "catalog/x/y": "no" });
    place.told("billing");
    place.judge({ [key]: billing, "catalog/x/y": "no" });
    expect(place.orders).toEqual([]);
    expect(place.refused).toBe("catalog/x/y\tvalue: not valid JSON\n");
    expect(place.read("log.new")).toBe("");
  });

  test("a refused new value leaves the earlier definition in place, until it is removed", () => {
    const place = newPlace();
    place.judge({ [key]: billing });
    place.judge({ [key]: "no" });
    place.judge({ [key]: "no", "catalog/x/y": "no" });
    expect(place.refused).toContain(`${key}\tvalue: not valid JSON; the earlier definition stays\n`);
    expect(place.definition(file)).toEqual(withStatus("critical"));
    place.judge({});
    expect(place.files).toEqual([]);
    expect(place.orders).toEqual([`-\t${file}\tremoved`]);
  });

  test("of two teams with one name the first keeps it; the second gets it when the first goes", () => {
    const place = newPlace();
    const second = { ...billing, meta: { team: "zoo" } };
    const both = { [key]: billing, "catalog/zoo/billing": second };
    place.judge(both);
    place.judge({ ...both, "catalog/x/y": "no" });
    expect(place.refused).toContain(`catalog/zoo/billing\tthe name is taken by ${key}\n`);
    expect(place.files).toEqual([`${file}.json`]);
    place.told("billing");
    place.judge({ "catalog/zoo/billing": second });
    expect(place.refused).toBe("");
    expect(place.files).toEqual(["zoo.billing.json"]);
    expect(place.orders).toEqual(["!\tzoo.billing\tmoved"]);
  });

  test("a broken value does not take a name from a good one", () => {
    const place = newPlace();
    place.judge({ "catalog/aaa/billing": "no", [key]: billing });
    expect(place.files).toEqual([`${file}.json`]);
  });

  test("what was vetoed is refused and stays so until it changes", () => {
    const place = newPlace();
    place.write("vetoed", `${key}\tconsul validate: no\n`);
    place.judge({ [key]: billing });
    place.write("vetoed", "");
    place.judge({ [key]: billing, "catalog/x/y": "no" });
    expect(place.refused).toContain(`${key}\tconsul validate: no\n`);
    place.judge({ [key]: { ...billing, port: 1 } });
    expect(place.refused).toBe("");
  });

  test("a batch of 4,000 unchanged services takes 2 s or less", () => {
    const place = newPlace();
    const values = Object.fromEntries(
      Array.from({ length: 4000 }, (_, index) => {
        const name = `svc_${index}_service`;
        const value = { ...billing, id: name, name, checks: [{ ...check, id: `${name}:http` }] };
        return [`catalog/user-platform/${name}`, value];
      }),
    );
    const took = (values: Readonly<Record<string, unknown>>) => {
      const begun = Date.now();
      place.judge(values);
      return Date.now() - begun;
    };
    const first = took(values);
    place.told(...Object.keys(values).map((each) => each.split("/")[2] ?? ""));
    const unchanged = took(values);
    const oneChanged = took({ ...values, [key]: billing });
    console.log(`4,000 services: first batch ${first} ms, unchanged ${unchanged} ms, one new ${oneChanged} ms`);
    expect(place.orders).toEqual([`+\t${file}\tnew`]);
    expect(unchanged).toBeLessThanOrEqual(2000);
    expect(oneChanged).toBeLessThanOrEqual(2000);
  }, 120_000);
});

describe("what is known of a check", () => {
  const passing = { serfHealth: "passing", "billing:http": "passing" };
  function passingPlace(): Place {
    const place = newPlace();
    place.judge({ [key]: billing });
    place.told("billing");
    place.observe(passing);
    return place;
  }

  test("is kept in its file as it is seen, without an order for the agent", () => {
    const place = passingPlace();
    expect(place.definition(file)).toEqual(withStatus("passing"));
    place.observe({ ...passing, "billing:http": "warning" });
    expect(place.definition(file)).toEqual(withStatus("warning"));
    expect(place.orders).toEqual([]);
  });

  test.each<[string, object, string, string]>([
    ["a tag", { tags: ["v2"] }, "passing", "+\tuser-platform.billing\tchanged"],
    ["the port", { port: 9 }, "critical", "!\tuser-platform.billing\tmoved"],
    ["the address", { address: "elsewhere" }, "critical", "!\tuser-platform.billing\tmoved"],
  ])("after a change of %s", (_what, change, status, order) => {
    const place = passingPlace();
    place.judge({ [key]: { ...billing, ...change } });
    expect(place.definition(file)).toEqual(withStatus(status, change));
    expect(place.orders).toEqual([order]);
  });

  test.each<[string, object, string, string]>([
    ["name and interval", { name: "other", interval: "20s" }, "passing", "+"],
    ["address", { http: "http://isa-billing:8216/ready" }, "critical", "!"],
    ["method", { method: "HEAD" }, "critical", "!"],
    // The same is asked of the same place: its next attempt judges by the new rule, and nobody flaps before that.
    ["redirects", { disable_redirects: true }, "passing", "+"],
    ["answer's size", { output_max_size: 1 }, "passing", "+"],
    ["id", { id: "billing:ready" }, "critical", "!"],
  ])("after a change of the check's %s", (_what, change, status, order) => {
    const place = passingPlace();
    place.judge({ [key]: { ...billing, checks: [{ ...check, ...change }] } });
    expect(place.definition(file)).toEqual({ service: { ...billing, checks: [{ ...check, ...change, status }] } });
    expect(place.orders[0]?.[0]).toBe(order);
  });

  test("survives the registrar: what it finds in place is neither judged as new nor forgotten", () => {
    const place = passingPlace();
    for (const name of ["kv", "states"]) place.write(name, "");
    place.decide("start", join(place.definitions, `${file}.json`), join(place.definitions, "foreign.json"));
    renameSync(join(place.run, "states.new"), join(place.run, "states"));
    expect(place.read("states")).toBe(`${file}\tbilling:http=passing\n`);
    place.judge({ [key]: billing });
    expect(place.orders).toEqual([]);
    expect(place.definition(file)).toEqual(withStatus("passing"));
  });

  test("is not taken from a list that is cut or from which the node is missing", () => {
    const place = passingPlace();
    expect(place.observe({ "billing:http": "critical" }, 1)).toBe("unusable\n");
    place.write("checks.now", '[{"CheckID":"serfHealth","ServiceID":""},{"CheckID":"billing:http","Status":"critical"');
    expect(place.decide("observe", "-v", "again=1")).toBe("unusable\n");
    expect(place.definition(file)).toEqual(withStatus("passing"));
  });

  test("does not change while the agent has not been told of the definition", () => {
    const place = passingPlace();
    place.judge({ [key]: { ...billing, port: 9 } });
    place.observe(passing, 1);
    expect(place.definition(file)).toEqual(withStatus("critical", { port: 9 }));
  });

  test("a service that the agent has lost is registered again, as critical", () => {
    const place = passingPlace();
    expect(place.observe({ serfHealth: "passing" })).toBe("lost 1\n");
    expect(place.orders).toEqual([]);
    expect(place.observe({ serfHealth: "passing" }, 1)).toBe("lost 1\n");
    expect(place.orders).toEqual([`+\t${file}\tagain`]);
    expect(place.definition(file)).toEqual(withStatus("critical"));
  });

  test("a service without checks is lost only where the list of services says so", () => {
    const place = newPlace();
    place.judge({ [key]: { ...billing, checks: [] } });
    place.told("billing");
    expect(place.observe({ serfHealth: "passing" }, 1)).toBe("");
    place.write("services.now", "billing\ncatalog asked\n");
    expect(place.observe({ serfHealth: "passing" }, 1)).toBe("");
    place.write("services.now", "catalog asked\n");
    expect(place.observe({ serfHealth: "passing" }, 1)).toBe("lost 1\n");
  });
});

describe("orders to the agent", () => {
  test("a later one replaces the earlier, but never forgets that the agent may have another shape", () => {
    const place = newPlace();
    place.judge({ [key]: billing });
    place.judge({});
    expect(place.orders).toEqual([`-\t${file}\tremoved`]);
    place.judge({ [key]: billing });
    expect(place.orders).toEqual([`!\t${file}\tnew`]);
    place.judge({ [key]: { ...billing, tags: [] } });
    expect(place.orders).toEqual([`!\t${file}\tchanged`]);
    expect(place.told("billing")).toBe("registered billing (changed)\n");
    expect(place.orders).toEqual([]);
  });

  test("what the agent refuses is named and goes to the end of the queue", () => {
    const place = newPlace();
    const other = { ...billing, id: "other", name: "other", checks: [] };
    place.judge({ [key]: billing, "catalog/user-platform/other": other });
    place.write("failed", "billing\t403 (Permission denied)\n");
    place.told();
    expect(place.orders).toEqual(["+\tuser-platform.other\tnew", `+\t${file}\tnew`]);
    expect(place.read("failing")).toBe(`${file}\t${key}\tagent refused: 403 (Permission denied)\n`);
    place.write("failed", "");
    expect(place.told("billing", "other")).toBe("registered billing (new)\nregistered other (new)\n");
    expect(place.read("failing")).toBe("");
  });
});

describe("what the agent is told", () => {
  /** As the agent's API gets it, of the definition in place. */
  function bodyOf(place: Place): unknown {
    mkdirSync(join(place.run, "bodies"));
    place.decide("bodies", join(place.definitions, `${file}.json`));
    return JSON.parse(place.read(`bodies/${file}.json`));
  }

  test("has every field of a check under the API's name, for which capitals do not matter, and the status that is known", () => {
    const place = newPlace();
    const grpc = {
      id: "billing:grpc",
      grpc: "isa-billing:8216",
      grpc_use_tls: true,
      tls_server_name: "x",
      interval: "1s",
    };
    const header = { "X-A_b": ["a_b"] };
    const strict = { ...check, header, disable_redirects: true, output_max_size: 1, failures_before_critical: 2 };
    const value = { ...billing, meta: { team: "user-platform", a_b: "c_d" }, weights: { passing: 2, warning: 1 } };
    place.judge({ [key]: { ...value, checks: [strict, grpc] } });
    place.told("billing");
    place.observe({ serfHealth: "passing", "billing:http": "passing" });
    const { id, deregister_critical_service_after: after, ...rest } = check ?? { id: "" };
    expect(bodyOf(place)).toEqual({
      ...value,
      checks: [
        {
          ...{ ...rest, CheckID: id, header, disableredirects: true, outputmaxsize: 1, failuresbeforecritical: 2 },
          ...{ deregistercriticalserviceafter: after, status: "passing" },
        },
        {
          ...{
            CheckID: "billing:grpc",
            grpc: "isa-billing:8216",
            grpcusetls: true,
            tlsservername: "x",
            interval: "1s",
          },
          status: "critical",
        },
      ],
    });
  });

  test("is nothing of a definition that is not the registrar's own", () => {
    const place = newPlace();
    mkdirSync(join(place.run, "bodies"));
    writeFileSync(join(place.definitions, `${file}.json`), '{"service":{"name":"billing","token":"s3cret"}}');
    place.decide("bodies", join(place.definitions, `${file}.json`));
    expect(readdirSync(join(place.run, "bodies"))).toEqual([]);
  });
});

describe("the script", () => {
  test("says in one line that it has not started", () => {
    const env = { ...process.env, REGISTRAR_RUN: "/nowhere" };
    const health = spawnSync("sh", [join(folder, "registrar.sh"), "health"], { env, encoding: "utf8" });
    expect(health).toMatchObject({ status: 1, stdout: "it has not started\n" });
  });

  test("is clean for shellcheck, where there is one", () => {
    const shellcheck = spawnSync("shellcheck", [join(folder, "registrar.sh")], { encoding: "utf8" });
    if (shellcheck.error === undefined) expect(shellcheck.stdout).toBe("");
  });
});

test("the catalog knows how long a value the registrar takes", () => {
  expect(readFileSync(join(folder, "definition.awk"), "utf8")).toContain(`LONGEST = ${LONGEST_VALUE}\n`);
});
