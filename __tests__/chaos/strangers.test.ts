/**
 * @needs platform
 * @areas ops/platform/preflight.ts ops/platform/strays.ts ops/terraform/remedies.ts
 * @seconds 120
 * @command test:all
 */
import { untilAllPass } from "../e2e/support/cluster.js";
import { command, docker, type Ended, nameOf, rollcall, until } from "../e2e/support/platform.js";

/** Somebody else's container. */
const IMPOSTOR = "impostor";
const SERVICE_HOST = "isa-weather";
const AGENT = "consul-agent-shared";

beforeAll(async () => {
  await untilAllPass(30);
});

afterAll(async () => {
  await command("docker", ["rm", "--force", "--volumes", nameOf(IMPOSTOR)]);
  await docker("start", nameOf("consul-server-3"));
  await until("the platform is well again", 60, async () => (await rollcall("status")).code === 0);
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
  expect(refusal(await rollcall("up"))).toEqual({
    code: 1,
    stderr: expect.stringMatching(
      new RegExp(
        `${nameOf(IMPOSTOR)} has the address ${address} on the network ${control}[^]*docker network disconnect`,
      ),
    ),
  });

  await stranger("--network", nameOf("rollcall-platform"), "--network-alias", AGENT);
  expect(refusal(await rollcall("up"))).toEqual({
    code: 1,
    stderr: expect.stringContaining(`The container ${nameOf(IMPOSTOR)} answers to ${AGENT} on the network`),
  });
  await docker("start", nameOf("consul-server-3"));
});

test("a container under a service's name is named by up, doctor and drift, with the command; nothing else is kept from being applied", async () => {
  await stranger("--network", nameOf("rollcall-platform"), "--network-alias", SERVICE_HOST);
  const command = `docker network disconnect ${nameOf("rollcall-platform")} ${nameOf(IMPOSTOR)}`;
  for (const verb of ["up", "doctor"] as const) {
    const { code, stdout } = await rollcall(verb);
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining(command) });
  }
  const { code, stdout } = await rollcall("drift");
  expect({ code, stdout }).toEqual({ code: 2, stdout: expect.stringContaining(command) });
  await docker(...command.split(" ").slice(1));
  expect(await rollcall("up")).toMatchObject({ code: 0 });
});
