/**
 * @needs platform
 * @areas lib/docker/hardened-container.ts lib/consul/scripts
 * @seconds 60
 * @command test:all
 * @asks ROLLCALL_CHAOS_DOCKERD=on
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AIMS } from "../../bench/aims.js";
import { settingsFor } from "../../dev/fresh-clone.js";
import { Cluster, MEMBERS, untilAllPass } from "../e2e/support/cluster.js";
import { furtherImage } from "../e2e/support/further-image.js";
import { command, docker, inTime, nameOf, output, platform, rollcall, token, until } from "../e2e/support/platform.js";
import { Repeater } from "../e2e/support/poll.js";
import { instanceName } from "../e2e/support/state.js";
import { underLoad } from "../e2e/support/under-load.js";

// Only with ROLLCALL_CHAOS_DOCKERD=on (`jest.chaos.config.js`), and where nobody else's platform would go down with it.
const PID_FILE = "/var/run/docker.pid";
const KEYS = "chaos-dockerd/";

let management = "";

beforeAll(async () => {
  const others = ["ps", "--all", "--format", '{{.Label "rollcall.instance"}}', "--filter", "label=rollcall"];
  const instances = new Set((await docker(...others)).split("\n").filter(Boolean));
  instances.delete(instanceName());
  if (instances.size > 0) throw new Error(`other platforms are on this Docker: ${[...instances].join()}`);
  if (process.getuid?.() !== 0) throw new Error("only root may restart Docker");
  management = await token("management");
  await untilAllPass(60);
});

afterEach(() => Repeater.stopAll());

/** Ends the engine as a shutdown does, and starts it as this machine does. */
async function restartDocker(): Promise<void> {
  if (existsSync("/run/systemd/system")) {
    await output("systemctl", ["restart", "docker"]);
    return;
  }
  const pid = readFileSync(PID_FILE, "utf8").trim();
  process.kill(Number(pid), "SIGTERM");
  await until("dockerd has ended", 30, async () => !existsSync(`/proc/${pid}`));
  // Whoever needs an image starts an engine that does not run.
  await furtherImage("consul", { ...settingsFor(platform()), ROLLCALL_STATE: join(platform().folder, "state") });
}

describe("dockerd restarted", () => {
  test("all comes back by itself with what it knew", async () => {
    const starts = () => docker("inspect", "--format", "{{.State.StartedAt}}", ...MEMBERS.map(nameOf));
    const before = await starts();
    const aim = AIMS.dockerd.seconds.shown;
    await underLoad("dockerd restarted", { token: management, keys: KEYS, aim }, async () => {
      const begun = Date.now();
      await restartDocker();
      await until("Docker answers", 30, async () => (await command("docker", ["version"])).code === 0);
      await new Cluster(management).untilWhole("three healthy peers again", aim);
      await untilAllPass(aim);
      inTime("from the end of dockerd on: all 40 pass", (Date.now() - begun) / 1000, aim);
    });
    const after = (await starts()).split("\n");
    expect(before.split("\n").filter((each) => each !== "" && after.includes(each))).toEqual([]);
    expect(await rollcall("verify")).toMatchObject({ code: 0 });
    const { code, stdout } = await rollcall("up");
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("Nothing changed") });
  });
});
