import { untilAllPass } from "./support/cluster";
import {
  command,
  crashProxy,
  docker,
  type Ended,
  inTime,
  nameOf,
  npm,
  platform,
  token,
  until,
} from "./support/platform";
import { call } from "./support/poll";

/** Somebody else's container, and keys of a team that no file declares. */
const IMPOSTOR = "impostor";
const KEYS = "catalog/e2e-nobody/";
const SERVICE_HOST = "isa-weather";
const AGENT = "consul-agent-shared";

let management = "";

beforeAll(async () => {
  management = await token("management");
  await untilAllPass(30);
});

afterAll(async () => {
  await command("docker", ["rm", "--force", "--volumes", nameOf(IMPOSTOR)]);
  await call(`/v1/kv/${KEYS}?recurse`, { method: "DELETE", token: management });
  await docker("start", nameOf("consul-server-3"));
  await until("the platform is well again", 60, async () => (await npm("status")).code === 0);
});

/** Starts a container that has nothing to do with the platform but where it stands. */
async function stranger(...place: readonly string[]): Promise<void> {
  await command("docker", ["rm", "--force", "--volumes", nameOf(IMPOSTOR)]);
  const image = (await docker("inspect", "--format", "{{.Image}}", nameOf(SERVICE_HOST))).trim();
  const run = ["run", "--detach", "--name", nameOf(IMPOSTOR), ...place, "--entrypoint", "/bin/sh"];
  await docker(...run, image, "-c", "sleep 600");
}

const refusal = ({ code, stderr }: Ended) => ({ code, stderr });

test("a container at a stopped server's address, or under a part's name, is refused by name before anything changes", async () => {
  const control = nameOf("rollcall-control");
  const format = `{{(index .NetworkSettings.Networks "${control}").IPAddress}}`;
  const address = (await docker("inspect", "--format", format, nameOf("consul-server-3"))).trim();
  await docker("stop", "--time", "2", nameOf("consul-server-3"));
  await stranger("--network", control, "--ip", address);
  expect(refusal(await npm("up"))).toEqual({
    code: 1,
    stderr: expect.stringMatching(
      new RegExp(
        `${nameOf(IMPOSTOR)} has the address ${address} on the network ${control}[^]*docker network disconnect`,
      ),
    ),
  });

  await stranger("--network", nameOf("rollcall-platform"), "--network-alias", AGENT);
  expect(refusal(await npm("up"))).toEqual({
    code: 1,
    stderr: expect.stringContaining(`The container ${nameOf(IMPOSTOR)} answers to ${AGENT} on the network`),
  });
  await docker("start", nameOf("consul-server-3"));
});

test("one up repairs what Terraform does not see, and ends with what it leaves to a person", async () => {
  const { httpPort } = platform();
  const put = { method: "PUT", token: management, body: "{}" } as const;
  await call(`/v1/kv/${KEYS}one`, put);
  await call(`/v1/kv/${KEYS}two`, put);
  await stranger("--network", nameOf("rollcall-platform"), "--network-alias", SERVICE_HOST);
  await docker("network", "disconnect", nameOf("rollcall-platform"), nameOf(AGENT));
  await docker("pause", nameOf("isa-billing"));
  // Where Docker has no proxy for a port, none can die.
  const hadProxy = await crashProxy(httpPort);

  const { code, stdout, stderr, seconds } = await npm("up");
  inTime("up that repairs", seconds, 60);
  expect(code).toBe(1);
  const repaired = stdout.split("\n").filter((line) => line.startsWith("Repaired "));
  expect(repaired).toEqual([
    `Repaired ${nameOf("isa-billing")}: paused`,
    `Repaired ${nameOf(AGENT)}: cut off from ${nameOf("rollcall-platform")}`,
    ...(hadProxy ? [`Repaired ${nameOf("consul-ui")}: restarted, as nothing answered on 127.0.0.1:${httpPort}`] : []),
  ]);
  expect(stdout).toContain(`${nameOf(IMPOSTOR)} answers to ${SERVICE_HOST} in ${nameOf("rollcall-platform")}`);
  expect(stdout).toContain(`/v1/kv/${KEYS}?recurse'\` deletes them.`);
  expect(stdout).not.toContain("Nothing changed");
  expect(stderr).toContain("Everything was applied, but something is wrong");
  expect((await call("/v1/status/leader")).trim()).toMatch(/^"\d/);
  await untilAllPass(30);
});

test("doctor and drift name the same, with the commands; status too says that something is wrong", async () => {
  const doctor = await npm("doctor");
  expect({ code: doctor.code, stdout: doctor.stdout }).toEqual({
    code: 1,
    stdout: expect.stringContaining(`\`docker network disconnect ${nameOf("rollcall-platform")} ${nameOf(IMPOSTOR)}\``),
  });
  const drift = await npm("drift", ["--format", "json"]);
  const { drifted } = JSON.parse(drift.stdout) as { readonly drifted: readonly string[] };
  expect({ code: drift.code, drifted }).toEqual({
    code: 2,
    drifted: [
      expect.stringContaining(`${nameOf(IMPOSTOR)} answers to ${SERVICE_HOST}`),
      expect.stringContaining(`${KEYS}: 2 keys of no team of the catalog: one, two`),
    ],
  });
});
