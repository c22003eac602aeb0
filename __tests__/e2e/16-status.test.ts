/**
 * @needs platform
 * @areas ops/verbs/status.ts ops/report/status ops/verbs/logs.ts ops/verbs/logs ops/platform/parts.ts ops/platform/places ops/platform/result.ts ops/verbs/token.ts
 *   ops/cli/program.ts ops/cli/answer.mjs ops/cli/enter.mjs ops/cli/commands/all.ts docs/operations.md
 * @seconds 110
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settingsFor } from "../../dev/fresh-clone.js";
import { ROLLCALL } from "../../ops/cli/commands/all.js";
import { command, docker, inTime, nameOf, output, platform, rollcall, until } from "./support/platform.js";
import { onceWell, untilWell, wrongIn } from "./support/well.js";

beforeAll(() => untilWell("all is well before", 40));

describe("npx rollcall status", () => {
  // Whatever becomes of a test: what it leaves stopped would fail those after it.
  afterEach(async () => {
    await docker("start", ...["consul-ui", "consul-server-2", "consul-server-3"].map(nameOf));
    await untilWell("all is well again", 30);
  });

  test("on a healthy platform says that all is well, and what there is", async () => {
    const { code, stdout, seconds } = await onceWell("status", () => rollcall("status"));
    expect({ code, last: stdout.trim().split("\n").at(-1) }).toEqual({ code: 0, last: "All is well." });
    expect(stdout).toMatch(/leader server-[123], autopilot healthy, 1 more may fail/);
    expect(stdout.match(/server-\d +running, healthy +alive +(leader|voter) +log \d+ +1\.22\.5/g)).toHaveLength(3);
    expect(stdout).toMatch(/registrar +running, healthy +nothing refused/);
    expect(stdout).toMatch(/user-platform +28 of 28 pass/);
    expect(stdout).toMatch(/Certificates +ca 36\d\d days, server-1 36\d days/);
    inTime("status", seconds, 5);
  });

  test("as JSON has the same for programs", async () => {
    const { code, stdout } = await onceWell("status as JSON", () => rollcall("status", ["--json"]));
    const told = JSON.parse(stdout) as Record<string, unknown>;
    expect(code).toBe(0);
    expect(told).toMatchObject({ healthy: true, autopilot: { healthy: true, failureTolerance: 1 }, refusals: [] });
    expect(told.servers).toMatchObject([{ name: "server-1", member: "alive" }, {}, {}]);
    expect(told.certificates).toHaveLength(7);
  });

  test("without a server, then without a leader, tells what is known, and all is well again after", async () => {
    await docker("stop", "--time", "2", nameOf("consul-server-3"));
    const one = await until("status tells of one stopped server", 10, async () => {
      const ended = await rollcall("status");
      // It may have been the leader: until there is another one, its parts see different moments of an election.
      return ended.stdout.includes("0 more may fail") && !ended.stdout.includes("no leader") && ended;
    });
    expect(one.code).toBe(1);
    expect(wrongIn(one)).toEqual([
      "no further server may fail",
      expect.stringMatching(/^server-3 does not run: exited/),
    ]);

    await docker("stop", "--time", "2", nameOf("consul-server-2"));
    const none = await until("status tells that there is no leader", 10, async () => {
      const ended = await rollcall("status");
      return wrongIn(ended)[0] === "Consul has no leader: 1 of 3 servers run, 2 must" && ended;
    });
    expect(none.code).toBe(1);
    // What the last server has is read all the same.
    expect(none.stdout).toMatch(/user-platform +28 of 28 pass/);
    expect(none.stdout).toMatch(/server-1 +running, \w+ +alive +voter +log \d+/);
  });

  test("without the gateway it knows all but that", async () => {
    await docker("stop", "--time", "2", nameOf("consul-ui"));
    // The registrar's health check looks every 10 s, and may yet tell of the time without a leader.
    const ended = await until("status tells of the gateway alone", 20, async () => {
      const found = await rollcall("status");
      return wrongIn(found).length === 1 && found;
    });
    expect(ended.code).toBe(1);
    expect(wrongIn(ended)).toEqual([expect.stringMatching(/^gateway does not run: exited/)]);
    expect(ended.stdout).toMatch(/user-platform +28 of 28 pass/);
  });

  test("without Docker it says that, and that nothing else is known", async () => {
    const ended = await rollcall("status", [], { DOCKER_HOST: "unix:///nowhere.sock" });
    expect(ended.code).toBe(1);
    expect(wrongIn(ended)).toEqual([expect.stringMatching(/^Docker does not answer: /)]);
    expect(ended.stdout).toContain("Catalog       unknown: Docker does not answer");
  });
});

describe("npx rollcall logs", () => {
  test("shows a part's log, as much of it as is asked for", async () => {
    const { code, stdout, stderr } = await rollcall("logs", ["agent", "--tail", "2"]);
    expect({ code, lines: (stdout + stderr).trim().split("\n").length }).toEqual({ code: 0, lines: 2 });
    expect(stdout).toMatch(/\[(INFO|WARN|ERROR|DEBUG)\]/);
  });

  test("follows one until it is interrupted, and that is no failure", async () => {
    const follow = spawn(process.execPath, ["ops/run.mjs", "logs", "server-1", "--follow", "--tail", "1"], {
      cwd: platform().folder,
      env: { ...process.env, ...settingsFor(platform()) },
      stdio: ["ignore", "pipe", "inherit"],
      // In a process group of its own, which is what Ctrl-C reaches.
      detached: true,
    });
    const ended = new Promise<number | null>((resolve) => follow.on("close", resolve));
    let said = "";
    follow.stdout.setEncoding("utf8").on("data", (part: string) => {
      said += part;
    });
    await until("the followed log shows a line", 20, async () => /\[(INFO|WARN|ERROR|DEBUG)\]/.test(said));
    expect(follow.exitCode).toBeNull();
    process.kill(-(follow.pid ?? 0), "SIGINT");
    expect(await ended).toBe(0);
  });

  test("proposes the nearest name for a wrong one", async () => {
    const [part, service] = [await rollcall("logs", ["registar"]), await rollcall("logs", ["biling_service"])];
    expect([part.code, service.code]).toEqual([1, 1]);
    expect(part.stderr).toContain("Did you mean registrar?");
    expect(service.stderr).toContain("Did you mean billing_service?");
  });
});

/** What docs/operations.md gives to be typed, by what it begins with; names are those of the platform under test. */
function printed(beginning: string): readonly string[] {
  const text = readFileSync(join(platform().folder, "docs", "operations.md"), "utf8");
  const [line] = [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = ""]) =>
    code.startsWith(beginning) ? [code] : [],
  );
  if (line === undefined) throw new Error(`docs/operations.md has no ${beginning}`);
  return line.split(" ").map((word) => (word.startsWith("consul-") ? nameOf(word) : word));
}

describe("what docs/operations.md gives to be typed", () => {
  test("a service's health as the agent sees it, by hand", async () => {
    const [program = "", ...args] = printed("docker exec consul-agent-shared busybox wget");
    const { code, stdout, stderr } = await command(program, args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).not.toBe("");
  });

  test("who uses the processor, where everything is slow", async () => {
    const [program = "", ...args] = printed("docker stats");
    expect(await output(program, [...args, "--no-stream"])).toContain(nameOf("consul-server-1"));
  });
});

describe("npx rollcall token", () => {
  test("warns on a terminal, on standard error, and nowhere else", async () => {
    const inPipe = await rollcall("token", ["operator"]);
    expect(inPipe).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^[0-9a-f-]{36}\n$/) });
    const options = { cwd: platform().folder, env: settingsFor(platform()) };
    // util-linux's `script` gives it a pseudo-terminal; its standard error goes to a file, to be told from the token.
    const folder = mkdtempSync(join(tmpdir(), "rollcall-tty-"));
    const verb = `${process.execPath} ops/run.mjs token operator 2>${join(folder, "stderr")}`;
    const onTerminal = await command("script", ["-qec", verb, "/dev/null"], options);
    const stderr = (await command("cat", [join(folder, "stderr")])).stdout;
    rmSync(folder, { recursive: true });
    expect(onTerminal.stdout.trim()).toBe(inPipe.stdout.trim());
    expect(stderr).toContain("is a secret");
    expect(stderr).toContain('export CONSUL_HTTP_TOKEN="$(npx rollcall token operator)"');
    expect(stderr).not.toContain(inPipe.stdout.trim());
  });
});

describe("--help", () => {
  test("of every verb says how it is called, and touches nothing", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rollcall-help-"));
    // There is no Docker to touch, and no state yet.
    const env = {
      ROLLCALL_STATE: join(folder, "state"),
      CDKTF_OUTDIR: join(folder, "out"),
      DOCKER_HOST: "unix:///nowhere.sock",
    };
    const cwd = platform().folder;
    const verbs = ROLLCALL.commands.map((each) => each.name());
    for (const verb of verbs) {
      const { code, stdout } = await command(process.execPath, ["ops/run.mjs", verb, "--help"], { cwd, env });
      expect({ verb, code, stdout }).toEqual({
        verb,
        code: 0,
        stdout: expect.stringMatching(`^Usage: rollcall ${verb}`),
      });
    }
    const all = await command(process.execPath, ["ops/run.mjs", "--help"], { cwd });
    expect(verbs.filter((verb) => !all.stdout.includes(`  ${verb} `))).toEqual([]);
    expect(() => statSync(env.ROLLCALL_STATE)).toThrow("ENOENT");
    rmSync(folder, { recursive: true });
  });
});
