import { untilAllPass } from "./support/cluster";
import { docker, type Ended, inTime, nameOf, npm, token, until } from "./support/platform";
import { secretValues } from "./support/state";

interface Told {
  readonly exitCode: number;
  readonly drifted: readonly string[];
  readonly catalog: readonly { readonly service: string; readonly kind: string; readonly words: readonly string[] }[];
  readonly stacks: readonly { readonly name: string; readonly add: number; readonly change: number }[];
}
let printed = "";

async function drift(...args: readonly string[]): Promise<Ended> {
  const ended = await npm("drift", args);
  printed += ended.stdout + ended.stderr;
  return ended;
}

async function told(): Promise<Told> {
  const ended = await drift("--format", "json");
  const report: Told = JSON.parse(ended.stdout);
  expect(ended.code).toBe(report.exitCode);
  return report;
}

const consul = async (...args: readonly string[]) =>
  docker(
    "exec",
    "--env",
    `CONSUL_HTTP_TOKEN=${await token("management")}`,
    nameOf("consul-agent-shared"),
    "consul",
    ...args,
  );

afterAll(async () => {
  const repaired = await npm("up");
  expect(repaired.code).toBe(0);
  await untilAllPass(60);
});

test("a platform that nobody touched has not drifted: exit code 0", async () => {
  const { code, stdout, seconds } = await drift();
  inTime("drift of nine stacks", seconds, 40);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^What Consul has is what was applied\./),
  });
});

test("a container that was changed and one that was removed by hand, an edited key and a foreign service are told", async () => {
  await docker("update", "--memory", "48m", "--memory-swap", "48m", nameOf("isa-billing"));
  await docker("rm", "--force", "--volumes", nameOf("isa-vault"));
  await consul("kv", "put", "catalog/user-platform/foreign_key", "{}");
  await consul("services", "register", "-name=foreign_service", "-id=foreign", "-address=nowhere", "-port=9");
  const found = async () => {
    const report = await told();
    return report.catalog.length === 1 ? report : undefined;
  };
  const report = await until("the foreign service is told", 30, found);
  expect(report.exitCode).toBe(2);
  expect(report.catalog).toEqual([
    { service: "foreign_service/foreign", team: "", kind: "added", words: ["nowhere:9"] },
  ]);
  expect(report.drifted).toEqual(
    expect.arrayContaining([`${nameOf("isa-billing")} was changed`, `${nameOf("isa-vault")} is gone`]),
  );
  const drifted = report.stacks.filter(({ add, change }) => add + change > 0);
  expect(drifted).toEqual([
    expect.objectContaining({ name: "workloads", add: 1, change: 1 }),
    expect.objectContaining({ name: "registry", add: 0, change: 1 }),
  ]);
  await consul("services", "deregister", "-id=foreign");
});

test("no secret was printed", () => {
  const secrets = [...secretValues().values()];
  expect(secrets.length).toBeGreaterThan(10);
  expect(secrets.filter((secret) => printed.includes(secret))).toEqual([]);
});
