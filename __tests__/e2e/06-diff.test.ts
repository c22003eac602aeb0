/**
 * @needs platform
 * @areas ops/verbs/diff.ts ops/report/diff ops/verbs/github.ts ops/verbs/github lib/catalog/changes.ts lib/catalog/differing-fields.ts ops/platform/refuse-dangers.ts
 *   ops/platform/announce.ts
 * @seconds 320
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CatalogFiles, containers, differing } from "./support/clone.js";
import { untilAllPass } from "./support/cluster.js";
import { Instance } from "./support/instance.js";
import { docker, type Ended, inTime, nameOf, platform, rollcall } from "./support/platform.js";
import { secretValues } from "./support/state.js";

const USERS = "user-services.yaml";
const catalog = new CatalogFiles();
/** All that `diff` printed. */
let printed = "";

async function diff(args: readonly string[] = [], env: Record<string, string> = {}): Promise<Ended> {
  const ended = await rollcall("diff", args, env);
  printed += ended.stdout + ended.stderr;
  return ended;
}

interface Told {
  readonly exitCode: number;
  readonly catalog: readonly { readonly service: string; readonly words: readonly string[] }[];
  readonly stacks: readonly (Record<string, unknown> & { readonly name: string; readonly state: string })[];
  readonly noticed: readonly string[];
}

async function told(env: Record<string, string> = {}): Promise<Told> {
  const ended = await diff(["--format", "json"], env);
  const report: Told = JSON.parse(ended.stdout);
  expect(ended.code).toBe(report.exitCode);
  return report;
}

/** The stacks that would change, with what would happen to how many. */
function changed({ stacks }: Told): Readonly<Record<string, string>> {
  const rows = stacks.map(({ name, add, change, replace, destroy }) => [name, [add, change, replace, destroy].join()]);
  return Object.fromEntries(rows.filter(([, numbers]) => numbers !== "0,0,0,0"));
}

afterAll(() => {
  catalog.restore();
});

test("a platform that is as declared does not change: exit code 0", async () => {
  await untilAllPass(30);
  const { code, stdout, seconds } = await diff();
  inTime("diff of all stacks", seconds, 40);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^The catalog does not change\./) });
});

describe("a service that moves to another port", () => {
  beforeAll(() => {
    catalog.edit(
      USERS,
      "billing_service: { port: 8216 }",
      "billing_service: { port: 8316, check: { interval: 6s }, failover: [dc2] }",
    );
  });

  test("is told in words, in its stacks and with what will be noticed: exit code 2, and nothing is changed", async () => {
    const before = await containers();
    const report = await told();
    expect(report.exitCode).toBe(2);
    expect(report.catalog).toEqual([
      expect.objectContaining({
        service: "billing_service",
        words: ["port 8216 → 8316", "check interval 10s → 6s", "failover none → dc2"],
      }),
    ]);
    expect(changed(report)).toEqual({ queries: "1,1,0,0", registry: "0,1,0,0", workloads: "0,0,1,0" });
    expect(report.noticed).toEqual([`${nameOf("isa-billing")} is replaced`]);
    expect(differing(before, await containers())).toEqual([]);
  });

  test("is told as text and as Markdown too", async () => {
    const sentence = "billing_service: port 8216 → 8316; check interval 10s → 6s; failover none → dc2";
    expect((await diff()).stdout).toContain(sentence);
    expect((await diff(["--format", "markdown"])).stdout).toMatch(new RegExp(`^\`\`\`\n${sentence}\n\`\`\`\n`));
  });

  test("is what up --dry-run prints, with the same exit code, and nothing is changed", async () => {
    const before = await containers();
    const { code, stdout } = await rollcall("up", ["--dry-run"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: (await diff()).stdout });
    expect(differing(before, await containers())).toEqual([]);
  });

  test("taken back is no change", async () => {
    catalog.restore();
    expect((await diff()).code).toBe(0);
  });
});

describe("a healthy service that is removed", () => {
  test("is blocked: exit code 1, and told with its stand-in's name", async () => {
    catalog.edit(USERS, "  wallet_service: { port: 8113 }\n", "");
    const report = await told();
    expect(report.exitCode).toBe(1);
    expect(report.noticed).toEqual([`${nameOf("isa-wallet")} is destroyed`]);
    const { stdout } = await diff();
    expect(stdout).toContain("wallet_service is removed and still has a healthy instance");
    expect(stdout).toContain("downstream of access, planned on yesterday's outputs");
  });

  test("passes where a setting allows it", async () => {
    const report = await told({ ROLLCALL_ALLOW: "removed-service" });
    expect(report.exitCode).toBe(2);
    catalog.restore();
  });
});

test("with Consul down the Docker stacks are planned and the rest is unknown: exit code 1", async () => {
  const servers = [1, 2, 3].map((number) => nameOf(`consul-server-${number}`));
  await docker("stop", "--time", "2", ...servers);
  try {
    const report = await told();
    expect(report.exitCode).toBe(1);
    const states = Object.fromEntries(report.stacks.map(({ name, state }) => [name, state]));
    expect(states).toMatchObject({ foundation: "planned", "server-1": "planned", workloads: "planned" });
    expect([states.access, states.registry]).toEqual(["unknown", "unknown"]);
  } finally {
    await docker("start", ...servers);
    await untilAllPass(60);
  }
});

test("of a platform that was never applied foundation is planned, the rest told from the catalog: exit code 2", async () => {
  const never = await Instance.create("never-");
  try {
    const ended = await never.run("diff");
    expect({ code: ended.code, stderr: ended.code === 2 ? "" : ended.stderr }).toEqual({ code: 2, stderr: "" });
    expect(ended.stdout).toMatch(/^\+ only_service of test-team added, only:8001, not checked: .+\n/);
    expect(ended.stdout).toMatch(/foundation +│ [1-9]\d* +│ 0 +│ 0 +│ 0 /);
    expect(ended.stdout).toMatch(/registry .*new/);
    expect(await never.made()).toEqual([]);
  } finally {
    await never.remove();
  }
});

test("no secret was printed, and no plan is left behind", () => {
  const secrets = [...secretValues().values()];
  expect(secrets.length).toBeGreaterThan(10);
  expect(secrets.filter((secret) => printed.includes(secret))).toEqual([]);
  const left = readdirSync(join(platform().folder, "cdktf.out", "stacks"), { recursive: true, encoding: "utf8" });
  const texts = left
    .filter((name) => /^[^/]+\/[^/.][^/]*$/.test(name))
    .map((name) => join(platform().folder, "cdktf.out", "stacks", name));
  expect(texts.length).toBeGreaterThan(0);
  for (const file of texts.filter((name) => !name.endsWith("/plan")))
    expect(secrets.filter((secret) => readFileSync(file, "utf8").includes(secret))).toEqual([]);
});
