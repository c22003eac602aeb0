/**
 * @needs platform
 * @areas programs/registrar lib/consul/registrar lib/consul/registrar/registrar.ts lib/consul/registrar/catalog-in-kv.ts ops/verbs/verify.ts ops/report/compare.ts ops/report/standings.ts
 *   ops/verbs/audit.ts ops/platform/live.ts ops/cli/quoted.ts ops/consul/foreign-keys.ts
 * @seconds 200
 */
import { randomUUID } from "node:crypto";
import { MOST } from "../../ops/cli/few.js";
import { applied, inClone } from "./support/clone.js";
import { untilAllPass } from "./support/cluster.js";
import { toAgent } from "./support/http.js";
import { docker, measured, nameOf, passingServices, rollcall, token, until } from "./support/platform.js";
import { call, HealthWatch } from "./support/poll.js";

/** From the write into KV to the agent, at 40 services. */
const LIVE_WITHIN = 3;
const SECRET = randomUUID();

/** A value as Terraform would write it. */
function definition(team: string, name: string, more: object = {}): string {
  const fields = { id: name, name, address: "isa-billing", port: 8216, tags: [], meta: { team }, checks: [] };
  return JSON.stringify({ ...fields, ...more });
}

const script = { id: "args_service:x", name: "x", args: ["sh", "-c", "id >/tmp/x"], interval: "10s", timeout: "5s" };
/** What somebody with the management token could write, and what the registrar is to say of it. */
const BAD: Readonly<Record<string, { readonly value: string; readonly reason: RegExp }>> = {
  "user-platform/args_service": {
    value: definition("user-platform", "args_service", { checks: [script] }),
    reason: /checks\[0\]\.args: a check may not run a command/,
  },
  "user-platform/foreign_service": {
    value: definition("user-platform", "billing_service"),
    reason: /name: must be the service in the key/,
  },
  "user-platform/broken_service": { value: '{"id": "broken_service", ', reason: /not valid JSON/ },
  "user-platform/token_service": {
    value: definition("user-platform", "token_service", { token: SECRET }),
    reason: /token: a definition may not carry a token/,
  },
  "user-platform/undeclared_service": {
    value: definition("user-platform", "undeclared_service"),
    reason: /agent refused: .*[Pp]ermission denied/,
  },
  "nobody/stray_service": {
    value: definition("nobody", "stray_service"),
    reason: /agent refused: .*[Pp]ermission denied/,
  },
  "nobody/deep/er/still": { value: definition("nobody", "er"), reason: /the key must be catalog\/<team>\/<service>/ },
  // Before the declared one in the order of the keys.
  "ai-platform/album_service": {
    value: definition("ai-platform", "album_service"),
    reason: /the name is taken by catalog\/user-platform\/album_service/,
  },
};

let management: string;

function put(path: string, body: string): Promise<string> {
  return call(path, { method: "PUT", token: management, body });
}

async function remove(key: string): Promise<void> {
  await call(`/v1/kv/catalog/${key}?recurse`, { method: "DELETE", token: management });
}

async function refused(): Promise<string> {
  const wget = ["busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:9181/refused"];
  const list: readonly { key: string; reason: string }[] = JSON.parse(
    await docker("exec", nameOf("consul-registrar"), ...wget),
  );
  return list.map(({ key, reason }) => `${key}\t${reason}\n`).join("");
}

/** Registers or deregisters at the shared agent behind the platform's back. */
async function atAgent(path: string, body?: object): Promise<void> {
  const { status, body: said } = await toAgent({ method: "PUT", path, body, token: management });
  if (status !== 200) throw new Error(`${path} answered ${status} ${said}`);
}

async function untilHealth(status: string, aimSeconds: number): Promise<void> {
  await until(`the registrar's container is ${status}`, aimSeconds, async () => {
    const now = await docker("inspect", "--format", "{{.State.Health.Status}}", nameOf("consul-registrar"));
    return now.trim() === status;
  });
}

beforeAll(async () => {
  management = await token("management");
  await untilAllPass(30);
});

describe("values that somebody wrote into KV", () => {
  let watch: HealthWatch;

  beforeAll(async () => {
    watch = await HealthWatch.start();
    for (const [key, { value }] of Object.entries(BAD)) await put(`/v1/kv/catalog/${key}`, value);
  });

  afterAll(async () => {
    for (const key of Object.keys(BAD)) await remove(key);
    await until("none is refused any more", 5, async () => (await refused()) === "");
  });

  test("that are wrong are refused, each with its reason", async () => {
    const keys = Object.keys(BAD);
    const lines = await until("every wrong value is refused", 5, async () => {
      const now = (await refused()).trim().split("\n");
      return now.length >= keys.length && now;
    });
    const reasons = Object.fromEntries(lines.map((line) => line.split("\t")));
    expect(reasons).toEqual(
      Object.fromEntries(keys.map((key) => [`catalog/${key}`, expect.stringMatching(BAD[key]?.reason ?? "")])),
    );
  });

  test("that are good go through all the same, within 3 s", async () => {
    const key = "/v1/kv/catalog/user-platform/billing_service";
    const value = JSON.parse(await call(`${key}?raw`, { token: management })) as { tags: string[] };
    await put(key, JSON.stringify({ ...value, tags: [...value.tags, "by-hand"] }));
    await until("a change in KV live in the agent", LIVE_WITHIN, async () => {
      const { body } = await toAgent({ method: "GET", path: "/v1/agent/service/billing_service", token: management });
      return body.includes('"by-hand"');
    });
  });

  test("are named by verify, the wrong ones and the one that differs from what is declared", async () => {
    const { code, stdout, seconds } = await rollcall("verify");
    expect(code).toBe(1);
    const lines = stdout.split("\n").filter((line) => line.startsWith("refused "));
    expect(lines).toHaveLength(MOST);
    for (const line of lines) {
      const [, key = "", said] = /^refused {3}catalog\/([^:]+): (.*)$/.exec(line) ?? [];
      expect(said).toMatch(BAD[key]?.reason ?? "a key that is not refused");
    }
    expect(stdout).toContain(`and ${Object.keys(BAD).length - MOST} more: \`npx rollcall status --json\` has all`);
    expect(stdout).toMatch(/^differs +billing_service: tags is not \["v1","fastapi","user-microservice","staging"\]$/m);
    expect(stdout).not.toMatch(/^(missing|critical|extra|twice)/m);
    measured("verify", seconds, 5);
  });

  test("are all in status -- --json, each with its reason", async () => {
    const { stdout } = await rollcall("status", ["--json"]);
    const { refusals } = JSON.parse(stdout) as { refusals: readonly { key: string; reason: string }[] };
    expect(Object.fromEntries(refusals.map(({ key, reason }) => [key, reason]))).toEqual(
      Object.fromEntries(
        Object.entries(BAD).map(([key, { reason }]) => [`catalog/${key}`, expect.stringMatching(reason)]),
      ),
    );
  });

  test("never show in a log with the secret in them", async () => {
    const logs = await docker("logs", nameOf("consul-registrar"));
    expect(logs).toContain("refused catalog/user-platform/token_service: token: a definition may not carry a token");
    expect(logs).not.toContain(SECRET);
  });

  test("make the registrar's container unhealthy", () => untilHealth("unhealthy", 35));

  test("and no service left the passing set meanwhile", async () => {
    const { left, services } = await watch.stop();
    expect({ left, services }).toEqual({ left: {}, services: 40 });
  });
});

describe("after that", () => {
  test("up takes away what stands in the teams' prefixes and puts the edited value back", async () => {
    // One that is refused is left there for `up`: the prefixes of the teams are Terraform's, key for key.
    const key = "user-platform/args_service";
    await put(`/v1/kv/catalog/${key}`, BAD[key]?.value ?? "");
    await until("it is refused again", 5, async () => (await refused()).includes(key));
    const { code, stdout, stderr } = await rollcall("up");
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(applied(stderr)).toMatchObject({ access: "no change", registry: "0 added, 1 changed, 0 destroyed" });
    expect(stdout).toMatch(/user-platform +28 of +28 +passing/);
    const keys = await call("/v1/kv/catalog/?keys", { token: management });
    expect(JSON.parse(keys)).toHaveLength(40);
    const value = await call("/v1/kv/catalog/user-platform/billing_service?raw", { token: management });
    expect(value).not.toContain("by-hand");
  });

  test("verify is content and the registrar's container healthy again", async () => {
    expect(await rollcall("verify")).toMatchObject({ code: 0 });
    await untilHealth("healthy", 15);
  });
});

describe("what happens behind the platform's back", () => {
  afterAll(async () => {
    await docker("start", nameOf("isa-calendar"));
    await call("/v1/catalog/deregister", { method: "PUT", token: management, body: '{"Node":"elsewhere"}' });
    await untilAllPass(60);
    expect(await rollcall("verify")).toMatchObject({ code: 0 });
  });

  test("a service that nobody declared, and a second one of a name, are named by verify", async () => {
    await atAgent("/v1/agent/service/register", { Name: "smuggled_service", Address: "isa-billing", Port: 8216 });
    const second = { ID: "billing_service", Service: "billing_service", Address: "192.0.2.1", Port: 8216 };
    await put("/v1/catalog/register", JSON.stringify({ Node: "elsewhere", Address: "192.0.2.1", Service: second }));
    const { code, stdout } = await rollcall("verify");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^extra +smuggled_service: registered on consul-agent-shared as smuggled_service/m);
    expect(stdout).toMatch(
      /^twice +billing_service: registered on (?=.*consul-agent-shared as billing_service)(?=.*elsewhere as billing_service)/m,
    );
    expect(stdout).not.toMatch(/^(missing|critical|differs|refused)/m);
  });

  test("audit says who registered what, and its commands take it away", async () => {
    const body = JSON.stringify({ ID: "billing-self", Name: "billing_service", Check: { TTL: "30s" } });
    await call("/v1/agent/service/register", { method: "PUT", token: management, body });
    const told = await until("the heartbeat's service is told", 10, async () => {
      const audit = await rollcall("catalog", ["audit"]);
      return audit.stdout.includes("billing-self") ? audit : undefined;
    });
    expect(told.code).toBe(1);
    const faults = told.stdout.split("\n").filter((line) => /^\w+: /.test(line));
    expect(faults.toSorted()).toEqual([
      expect.stringMatching(
        /^billing_service: registered once more as billing-self on consul-server-\d, .* TTL heartbeat$/,
      ),
      expect.stringMatching(
        /^billing_service: registered once more as billing_service on elsewhere, .*, over the API$/,
      ),
      expect.stringMatching(
        /^smuggled_service: not declared, but registered as smuggled_service on consul-agent-shared/,
      ),
    ]);
    const commands = told.stdout.split("\n").filter((line) => line.startsWith("  "));
    expect(commands).toHaveLength(3);
    for (const line of commands) expect(await inClone(line)).toMatchObject({ code: 0 });
    await until("audit is content", 10, async () => (await rollcall("catalog", ["audit"])).code === 0);
    expect(await rollcall("verify")).toMatchObject({ code: 0 });
  });

  test("a critical and a missing one are named by verify, and come back by themselves", async () => {
    await docker("stop", nameOf("isa-calendar"));
    await until("calendar_service is critical", 15, async () => !(await passingServices()).has("calendar_service"));
    // The registrar registers it again within 30 s, often sooner: then verify looks once more.
    const { code, stdout } = await until("verify names the missing one", 60, async () => {
      await atAgent("/v1/agent/service/deregister/weather_service");
      const told = await rollcall("verify");
      return told.stdout.includes("missing") && told;
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^critical +calendar_service: /m);
    expect(stdout).toMatch(/^missing +weather_service: Consul does not have it$/m);
    expect(stdout).not.toMatch(/^(extra|twice|differs|refused)/m);
    await docker("start", nameOf("isa-calendar"));
    await until("both pass again", 60, async () => {
      const passing = await passingServices();
      return passing.has("weather_service") && passing.has("calendar_service");
    });
  });
});
