import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settingsFor } from "../../ops/fresh-clone";
import { USAGES } from "../../ops/usages.cjs";
import { inClone } from "./support/clone";
import {
  command,
  docker,
  type Ended,
  inTime,
  nameOf,
  npm,
  output,
  passingServices,
  platform,
  token,
  until,
} from "./support/platform";
import { call } from "./support/poll";

/** A service and its stand-in, which these tests stop and start. */
const SERVICE = "weather_service";
const HOST = "isa-weather";

const status = () => npm("status");

async function untilWell(what: string, aimSeconds: number): Promise<void> {
  await until(what, aimSeconds, async () => {
    if ((await passingServices()).size !== 40) return false;
    return (await status()).code === 0;
  });
}

/**
 * What a verb says on the healthy platform. Autopilot takes a server whose last sign of life was late for unhealthy for 2 s,
 * and a health check that Docker makes every 10 s may yet tell of what a test before has mended.
 */
function onceWell(verb: string, run: () => Promise<Ended>): Promise<Ended> {
  return until(`${verb}: all is well`, 30, async () => {
    const ended = await run();
    if (ended.code !== 0) throw new Error(ended.stdout + ended.stderr);
    return ended;
  });
}

/** A line of a stack trace. */
const STACK_TRACE = /^ {4}at .*:\d+:\d+\)?$/m;

/** What a doctor or a status said is wrong, without the notes: a platform that was broken by tests before has some. */
function wrongIn({ stdout }: Ended): readonly string[] {
  return stdout.split("\n").flatMap((line) => /^wrong {2}(.*)$/.exec(line)?.[1] ?? []);
}

/** The remedy that stands below something wrong. */
function remedyOf({ stdout }: Ended, what: string): string | undefined {
  const lines = stdout.split("\n");
  return lines[lines.findIndex((line) => line.startsWith(`wrong  ${what}`)) + 1]?.trim();
}

beforeAll(() => untilWell("all is well before", 40));
afterAll(async () => {
  await docker(
    "start",
    ...["consul-ui", "consul-agent-shared", HOST, "consul-server-2", "consul-server-3"].map(nameOf),
  );
  await untilWell("all is well after", 60);
});

describe("npm run status", () => {
  // Whatever becomes of a test: what it leaves stopped would fail those after it.
  afterEach(async () => {
    await docker("start", ...["consul-ui", "consul-server-2", "consul-server-3"].map(nameOf));
    await untilWell("all is well again", 30);
  });

  test("on a healthy platform says that all is well, and what there is", async () => {
    const { code, stdout, seconds } = await onceWell("status", status);
    expect({ code, last: stdout.trim().split("\n").at(-1) }).toEqual({ code: 0, last: "All is well." });
    expect(stdout).toMatch(/leader server-[123], autopilot healthy, 1 more may fail/);
    expect(stdout.match(/server-\d +running, healthy +alive +(leader|voter) +log \d+ +1\.22\.5/g)).toHaveLength(3);
    expect(stdout).toMatch(/registrar +running, healthy +nothing refused/);
    expect(stdout).toMatch(/user-platform +28 of 28 pass/);
    expect(stdout).toMatch(/Certificates +ca 36\d\d days, server-1 36\d days/);
    inTime("status", seconds, 5);
  });

  test("as JSON has the same for programs", async () => {
    const { code, stdout } = await onceWell("status as JSON", () => npm("status", ["--json"]));
    const told = JSON.parse(stdout) as Record<string, unknown>;
    expect(code).toBe(0);
    expect(told).toMatchObject({ healthy: true, autopilot: { healthy: true, failureTolerance: 1 }, refusals: [] });
    expect(told.servers).toMatchObject([{ name: "server-1", member: "alive" }, {}, {}]);
    expect(told.certificates).toHaveLength(6);
  });

  test("without a server, then without a leader, tells what is known, and all is well again after", async () => {
    await docker("stop", "--time", "2", nameOf("consul-server-3"));
    const one = await until("status tells of one stopped server", 10, async () => {
      const ended = await status();
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
      const ended = await status();
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
      const found = await status();
      return wrongIn(found).length === 1 && found;
    });
    expect(ended.code).toBe(1);
    expect(wrongIn(ended)).toEqual([expect.stringMatching(/^gateway does not run: exited/)]);
    expect(ended.stdout).toMatch(/user-platform +28 of 28 pass/);
  });

  test("without Docker it says that, and that nothing else is known", async () => {
    const ended = await npm("status", [], { DOCKER_HOST: "unix:///nowhere.sock" });
    expect(ended.code).toBe(1);
    expect(wrongIn(ended)).toEqual([expect.stringMatching(/^Docker does not answer: /)]);
    expect(ended.stdout).toContain("Catalog       unknown: Docker does not answer");
  });
});

describe("npm run logs", () => {
  test("shows a part's log, as much of it as is asked for", async () => {
    const { code, stdout, stderr } = await npm("logs", ["agent", "--tail", "2"]);
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
    const [part, service] = [await npm("logs", ["registar"]), await npm("logs", ["biling_service"])];
    expect([part.code, service.code]).toEqual([1, 1]);
    expect(part.stderr).toContain("Did you mean registrar?");
    expect(service.stderr).toContain("Did you mean billing_service?");
  });
});

describe("npm run doctor", () => {
  test("finds nothing on a healthy platform", async () => {
    const ended = await onceWell("doctor", () => npm("doctor"));
    expect({ code: ended.code, wrong: wrongIn(ended) }).toEqual({ code: 0, wrong: [] });
    expect(ended.stdout).toMatch(/^DNS +ok +4 names of servers, 40 of services, [a-z-]+\.query\.consul$/m);
    expect(ended.stdout).toMatch(/^Drift +ok +9 stacks planned$/m);
    expect(ended.stdout.trim().split("\n").at(-1)).toBe("All is well.");
    inTime("doctor", ended.seconds, 30);
  });

  test("without Docker says that, looks at what needs none, and what to do", async () => {
    const ended = await npm("doctor", [], { DOCKER_HOST: "unix:///nowhere.sock" });
    expect(ended).toMatchObject({ code: 1, stderr: expect.not.stringMatching(STACK_TRACE) });
    expect(wrongIn(ended)).toEqual([expect.stringMatching(/^Docker does not answer: .*nowhere\.sock/)]);
    expect(remedyOf(ended, "Docker does not answer")).toMatch(
      /^Start the Docker that DOCKER_HOST names \(unix:\/\/\/nowhere\.sock\)/,
    );
    expect(ended.stdout).toMatch(/^Docker +wrong +does not answer$/m);
    expect(ended.stdout).toMatch(/^Ports +- +not looked at: Docker does not answer$/m);
    expect(ended.stdout).toMatch(/^Modes +ok +\d+ files and folders with secrets$/m);
  });

  test("where another Consul is declared than runs, names each server and the command", async () => {
    const ended = await until("doctor tells of the versions alone", 40, async () => {
      const found = await npm("doctor", [], { ROLLCALL_CONSUL_VERSION: "1.22.3" });
      return wrongIn(found).length === 3 && found;
    });
    expect(ended).toMatchObject({ code: 1, stderr: expect.not.stringMatching(STACK_TRACE) });
    expect(wrongIn(ended)).toEqual([1, 2, 3].map((n) => `server-${n} runs Consul 1.22.5, and 1.22.3 is declared`));
    expect(remedyOf(ended, "server-1 runs Consul")).toBe("`npm run up` puts it back.");
  });

  test("with a Terraform that is too old, or with none, says so and what to install", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rollcall-terraform-"));
    const old = join(folder, "terraform");
    const version = '{"terraform_version":"1.4.7"}';
    const real = process.env.ROLLCALL_TERRAFORM || "terraform";
    writeFileSync(old, `#!/bin/sh\n[ "$1" = version ] && echo '${version}' && exit\nexec ${real} "$@"\n`, {
      mode: 0o700,
    });
    try {
      for (const [program, what, remedy] of [
        [old, `${old} 1.4.7 is too old`, "Install 1.5 or newer."],
        ["no-such-terraform", "no-such-terraform is not installed", /^ROLLCALL_TERRAFORM names no-such-terraform/],
      ] as const) {
        const ended = await npm("doctor", [], { ROLLCALL_TERRAFORM: program });
        expect(ended).toMatchObject({ code: 1, stderr: expect.not.stringMatching(STACK_TRACE) });
        expect(wrongIn(ended)).toContain(what);
        expect(remedyOf(ended, what)).toMatch(remedy);
        expect(ended.stdout).not.toMatch(STACK_TRACE);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("finds planted faults of several kinds, each with its remedy, and nothing once they are gone", async () => {
    const { folder, httpPort } = platform();
    const state = join(folder, "state", "foundation.tfstate");
    const label = (
      await docker("inspect", "--format", '{{index .Config.Labels "rollcall.instance"}}', nameOf("consul-ui"))
    ).trim();
    const image = (await docker("inspect", "--format", "{{.Image}}", nameOf("consul-server-1"))).trim();
    const intruder = createServer();
    chmodSync(state, 0o644);
    await docker("stop", "--time", "1", nameOf(HOST), nameOf("consul-ui"));
    await docker(
      "create",
      "--name",
      nameOf("left"),
      "--label",
      "rollcall=registry",
      "--label",
      `rollcall.instance=${label}`,
      image,
      "true",
    );
    await new Promise<void>((resolve) => intruder.listen(httpPort, "127.0.0.1", resolve));
    try {
      const ended = await until("doctor finds all of them", 40, async () => {
        const found = await npm("doctor");
        return found.stdout.includes(`${SERVICE} is critical`) && found;
      });
      expect(ended.code).toBe(1);
      expect(wrongIn(ended)).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^gateway does not run: exited/),
          `port ${httpPort} on 127.0.0.1 is taken by something that is not the gateway`,
          `the platform's network does not resolve ${HOST}`,
          `others may read ${state} (0644)`,
          `${nameOf("left")} carries our label and is in no state: an interrupted run made it`,
          expect.stringMatching(new RegExp(`^${SERVICE} is critical: `)),
        ]),
      );
      expect(ended.stdout).toContain(`npm run logs -- ${SERVICE}`);
      // The seed's own question: what does the check of a failing service say?
      const said = await npm("logs", [SERVICE]);
      expect(said.stdout).toMatch(new RegExp(`^${SERVICE}: critical, http: .*(${HOST}|no such host|refused|timeout)`));
    } finally {
      await new Promise<void>((resolve) => intruder.close(() => resolve()));
      chmodSync(state, 0o600);
      await docker("rm", "--force", "--volumes", nameOf("left"));
      await docker("start", nameOf(HOST), nameOf("consul-ui"));
    }
    await untilWell("all is well with the faults gone", 40);
    expect(wrongIn(await onceWell("doctor with the faults gone", () => npm("doctor")))).toEqual([]);
  });
});

describe("the seed's troubleshooting", () => {
  test("agent not starting: status names it, up puts it back", async () => {
    await docker("rm", "--force", nameOf("consul-agent-shared"));
    const ended = await status();
    expect(wrongIn(ended)).toContain(`agent is missing: there is no container ${nameOf("consul-agent-shared")}`);
    expect(await npm("logs", ["agent"])).toMatchObject({ code: 1, stdout: expect.stringContaining("`npm run up`") });
    const doctor = await npm("doctor");
    expect(wrongIn(doctor)).toContain(`${nameOf("consul-agent-shared")} is gone`);
    const { code, stdout } = await npm("up");
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("1 of 9 stacks changed") });
    await untilWell("all is well with the agent rebuilt", 40);
  });

  test("agent can't join: doctor gives the command that connects it, and that mends it", async () => {
    const network = nameOf("rollcall-control");
    await docker("network", "disconnect", network, nameOf("consul-agent-shared"));
    await until("status has the agent unhealthy", 40, async () =>
      wrongIn(await status()).some((line) => line.startsWith("agent ")),
    );
    const ended = await npm("doctor");
    expect(wrongIn(ended)).toContain(`${nameOf("consul-agent-shared")} is cut off from ${network}`);
    const remedy = /`docker (network connect [^`]+)`/.exec(ended.stdout)?.[1] ?? "";
    await docker(...remedy.split(" "));
    await untilWell("all is well with the agent connected", 40);
  });

  test("services not registered: status tells which value the registrar refuses, and why", async () => {
    const management = await token("management");
    const key = "/v1/kv/catalog/user-platform/bogus";
    await call(key, { method: "PUT", token: management, body: '{"name": "another"}' });
    try {
      const ended = await until("status tells of the refused value", 20, async () => {
        const found = await status();
        return found.stdout.includes("1 refused") && found;
      });
      expect(wrongIn(ended)).toContainEqual(
        expect.stringMatching(/^the registrar refuses catalog\/user-platform\/bogus: ./),
      );
    } finally {
      await call(key, { method: "DELETE", token: management });
    }
    await untilWell("all is well with the value gone", 30);
  });

  test("duplicate registrations: doctor finds the service twice, audit has the command", async () => {
    const management = await token("management");
    const body = JSON.stringify({
      ...{ Node: "elsewhere", Address: "10.9.9.9", SkipNodeUpdate: false },
      Service: { ID: "weather-self", Service: SERVICE, Address: "10.9.9.9", Port: 8221 },
    });
    await call("/v1/catalog/register", { method: "PUT", token: management, body });
    try {
      const ended = await npm("doctor");
      expect(wrongIn(ended)).toContainEqual(
        expect.stringMatching(new RegExp(`^${SERVICE} is there twice: .*elsewhere`)),
      );
      expect(ended.stdout).toContain("npm run catalog -- audit");
      const { stdout } = await npm("catalog", ["audit"]);
      expect(stdout).toContain("weather-self");
      const commands = stdout.split("\n").filter((line) => line.startsWith("  "));
      expect(commands).toHaveLength(1);
      expect(await inClone(commands[0] ?? "")).toMatchObject({ code: 0 });
      await untilWell("all is well with the duplicate gone", 20);
    } finally {
      const gone = JSON.stringify({ Node: "elsewhere" });
      await call("/v1/catalog/deregister", { method: "PUT", token: management, body: gone });
    }
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

describe("npm run token", () => {
  test("warns on a terminal, on standard error, and nowhere else", async () => {
    const inPipe = await npm("token", ["operator"]);
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
    expect(stderr).toContain('export CONSUL_HTTP_TOKEN="$(npm run -s token -- operator)"');
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
    for (const verb of Object.keys(USAGES)) {
      const { code, stdout } = await npm(verb, ["--help"], env);
      expect({ verb, code, stdout }).toEqual({
        verb,
        code: 0,
        stdout: expect.stringMatching(`^npm run (-s )?${verb}`),
      });
    }
    const all = await command(process.execPath, ["ops/run.mjs", "--help"], { cwd: platform().folder });
    expect(Object.keys(USAGES).filter((verb) => !all.stdout.includes(`  ${verb} `))).toEqual([]);
    expect(() => statSync(env.ROLLCALL_STATE)).toThrow("ENOENT");
    rmSync(folder, { recursive: true });
  });
});
