/**
 * @needs platform
 * @areas ops/verbs/drift.ts ops/platform/strays.ts ops/platform/gateway-ports.ts ops/consul/reload-secrets.ts ops/platform/left-wrong.ts ops/consul/foreign-keys.ts
 *   ops/report/diff ops/report/drift.ts ops/report/drifted-services.ts ops/report/standings.ts
 * @seconds 200
 */
import { untilAllPass } from "./support/cluster.js";
import {
  command,
  crashProxy,
  docker,
  type Ended,
  inTime,
  nameOf,
  platform,
  rollcall,
  token,
  until,
} from "./support/platform.js";
import { call } from "./support/poll.js";
import { secretValues } from "./support/state.js";

interface Told {
  readonly exitCode: number;
  readonly drifted: readonly string[];
  readonly catalog: readonly { readonly service: string; readonly kind: string; readonly words: readonly string[] }[];
  readonly stacks: readonly { readonly name: string; readonly add: number; readonly change: number }[];
}
let printed = "";

async function drift(...args: readonly string[]): Promise<Ended> {
  const ended = await rollcall("drift", args);
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

/** Somebody else's container under a service's name, and keys of a team that no file declares. */
const IMPOSTOR = "impostor";
const KEYS = "catalog/e2e-nobody/";
const HOST = "isa-weather";
const PLATFORM = "rollcall-platform";

async function removeStrangers(): Promise<void> {
  await command("docker", ["rm", "--force", "--volumes", nameOf(IMPOSTOR)]);
  await call(`/v1/kv/${KEYS}?recurse`, { method: "DELETE", token: await token("management") });
}

afterAll(async () => {
  await removeStrangers();
  await untilAllPass(60);
  await until("all is well again", 40, async () => (await rollcall("status")).code === 0);
});

test("a platform that nobody touched has not drifted: exit code 0", async () => {
  const { code, stdout, seconds } = await drift();
  inTime("drift of all stacks", seconds, 40);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^What Consul has is what was applied\./),
  });
});

test("a container that was changed and one that was removed by hand, an edited key and a foreign service are told", async () => {
  await docker("update", "--memory", "48m", "--memory-swap", "48m", nameOf("isa-billing"));
  await docker("rm", "--force", "--volumes", nameOf("isa-vault"));
  await consul("kv", "put", "catalog/user-platform/foreign_key", "{}");
  const image = (await docker("inspect", "--format", "{{.Image}}", nameOf(HOST))).trim();
  const place = ["--name", nameOf(IMPOSTOR), "--network", nameOf(PLATFORM), "--network-alias", HOST];
  await docker("run", "--detach", ...place, "--entrypoint", "/bin/sh", image, "-c", "sleep 600");
  for (const key of ["one", "two"]) await consul("kv", "put", `${KEYS}${key}`, "{}");
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
    expect.arrayContaining([
      `${nameOf("isa-billing")} was changed`,
      `${nameOf("isa-vault")} is gone`,
      expect.stringContaining(`${nameOf(IMPOSTOR)} answers to ${HOST} in ${nameOf(PLATFORM)}`),
      expect.stringContaining(`${KEYS}: 2 keys of no team of the catalog: one, two`),
    ]),
  );
  const drifted = report.stacks.filter(({ add, change }) => add + change > 0);
  expect(drifted).toEqual([
    expect.objectContaining({ name: "workloads", add: 1, change: 1 }),
    expect.objectContaining({ name: "registry", add: 0, change: 1 }),
  ]);
  await consul("services", "deregister", "-id=foreign");
});

test("one up puts back what drifted, repairs what Terraform does not see, and ends with what it leaves to a person", async () => {
  const { httpPort } = platform();
  await docker("network", "disconnect", nameOf(PLATFORM), nameOf("consul-agent-shared"));
  await docker("pause", nameOf("isa-order"));
  // Where Docker has no proxy for a port, none can die.
  const hadProxy = await crashProxy(httpPort);

  const { code, stdout, stderr, seconds } = await rollcall("up");
  inTime("up that repairs", seconds, 60);
  expect(code).toBe(1);
  const repaired = stdout.split("\n").filter((line) => line.startsWith("Repaired "));
  expect(repaired).toEqual([
    `Repaired ${nameOf("isa-order")}: paused`,
    `Repaired ${nameOf("consul-agent-shared")}: cut off from ${nameOf(PLATFORM)}`,
    ...(hadProxy ? [`Repaired ${nameOf("consul-ui")}: restarted, as nothing answered on 127.0.0.1:${httpPort}`] : []),
  ]);
  expect(stdout).toContain(`${nameOf(IMPOSTOR)} answers to ${HOST} in ${nameOf(PLATFORM)}`);
  expect(stdout).toContain(`/v1/kv/${KEYS}?recurse'\` deletes them.`);
  expect(stdout).not.toContain("Nothing changed");
  expect(stderr).toContain("Everything was applied, but something is wrong");
  printed += stdout + stderr;
  expect((await call("/v1/status/leader")).trim()).toMatch(/^"\d/);
});

test("no secret was printed", () => {
  const secrets = [...secretValues().values()];
  expect(secrets.length).toBeGreaterThan(10);
  expect(secrets.filter((secret) => printed.includes(secret))).toEqual([]);
});
