/**
 * @needs platform
 * @areas ops/platform/preflight.ts ops/platform/lock.ts ops/verbs/down.ts ops/platform/refuse-dangers.ts ops/platform/up-record.ts ops/platform/forgotten.ts
 *   ops/terraform/state-health.ts ops/terraform/states.ts ops/docker/require-docker.ts lib/lock-file.ts lib/settings.ts lib/settings ops/verbs/settings.ts
 *   ops/cli/interrupt.ts ops/platform/wait-until.ts
 * @seconds 250
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { settingsFor } from "../../dev/fresh-clone.js";
import { Instance, type Running } from "./support/instance.js";
import { command, docker, type Ended, nameOf, platform, rollcall, until } from "./support/platform.js";
import { instanceName } from "./support/state.js";

const scratch = mkdtempSync(join(tmpdir(), "rollcall-refusals-"));
const asRoot = process.getuid?.() === 0;
/** For what is refused before anything is made. */
let other: Instance;
/** For what begins and does not come to its end. */
let begun: Instance;
/** Its server cannot write its data. Its `up` waits for it, while the other tests run. */
let sick: Instance;
let sickUp: Running;
/** An image that is there, whatever the platform's images are. */
let image: string;

beforeAll(async () => {
  const tag = process.pid % 1000;
  [other, begun, sick] = (await Promise.all(
    ["no", "cut", "sick"].map((word) => Instance.create(`${word}${tag}-`)),
  )) as [Instance, Instance, Instance];
  image = (await docker("inspect", "--format", "{{.Image}}", nameOf("consul-server-1"))).trim();
  const label = ["--label", "rollcall=server-1", "--label", `rollcall.instance=${sick.named()}`];
  const volume = `${sick.prefix}consul-server-1-data`;
  await docker("volume", "create", ...label, volume);
  const spoil = ["--entrypoint", "/bin/sh", image, "-c", "touch /data/mine && chown 0:0 /data && chmod 700 /data"];
  await docker("run", "--rm", "--network", "none", "--user", "0:0", "--volume", `${volume}:/data`, ...spoil);
  sickUp = sick.start("up");
});

afterAll(async () => {
  sickUp?.kill("SIGKILL");
  await sickUp?.ended;
  for (const instance of [other, begun, sick]) await instance?.remove();
  rmSync(scratch, { recursive: true, force: true });
});

/** What a person reads: all that is not progress. */
function told({ stderr }: Ended): readonly string[] {
  return stderr.split("\n").filter((line) => line !== "" && !/^ *\d+\.\d s {2}/.test(line));
}

/** Exit code 1, or 64 for what was called wrongly; a line that names the cause, one that says what to do, and nothing else. */
function expectRefusal(ended: Ended, cause: RegExp, remedy: RegExp, code = 1): void {
  expect({ code: ended.code, told: told(ended) }).toEqual({
    code,
    told: [expect.stringMatching(cause), expect.stringMatching(remedy)],
  });
}

function listen(where: number | string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    const listening = () => resolve(server);
    if (typeof where === "number") server.listen(where, "127.0.0.1", listening);
    else server.listen(where, listening);
  });
}

async function withListener<T>(where: number | string, work: () => Promise<T>): Promise<T> {
  const server = await listen(where);
  try {
    return await work();
  } finally {
    server.close();
  }
}

/** An empty folder of this name. */
function folder(name: string): string {
  const path = join(scratch, name);
  mkdirSync(path, { recursive: true });
  return path;
}

/** A PATH with these programs and no other. */
function pathOf(programs: readonly string[]): string {
  const bin = folder(`bin-${programs.length}`);
  for (const program of programs) {
    const places = (process.env.PATH ?? "").split(delimiter).map((place) => join(place, program));
    const found = places.find((place) => existsSync(place));
    if (found !== undefined && !existsSync(join(bin, program))) symlinkSync(found, join(bin, program));
  }
  return bin;
}

/** A PATH on which `docker` hangs where it is told to remove volumes: a place to be killed at. */
function pathWithHangingDocker(): string {
  const bin = folder("hanging");
  const real = spawnSync("sh", ["-c", "command -v docker"], { encoding: "utf8" }).stdout.trim();
  const script = `#!/bin/sh\nif [ "$1 $2" = "volume rm" ]; then sleep 600; fi\nexec ${real} "$@"\n`;
  writeFileSync(join(bin, "docker"), script, { mode: 0o755 });
  return `${bin}${delimiter}${process.env.PATH}`;
}

describe("npx rollcall up is refused, and makes nothing,", () => {
  afterEach(async () => {
    expect(await other.made()).toEqual([]);
  });

  test("where its port is taken", async () => {
    const ended = await withListener(other.httpPort, () => other.run("up"));
    expectRefusal(ended, new RegExp(`^Port ${other.httpPort} on 127.0.0.1 is taken$`), /ROLLCALL_HTTP_PORT/);
  });

  test("where Docker is not running", async () => {
    const ended = await other.run("up", { DOCKER_HOST: "unix:///nonexistent.sock" });
    expectRefusal(ended, /^Docker is not running at unix:\/\/\/nonexistent\.sock/, /^Start it/);
  });

  test("where Docker is not permitted", async () => {
    const socket = join(scratch, "closed.sock");
    // Root may use any socket, unless that power is taken away.
    const before = asRoot ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : [];
    const ended = await withListener(socket, () => {
      chmodSync(socket, 0);
      return other.run("up", { DOCKER_HOST: `unix://${socket}` }, before);
    });
    expectRefusal(ended, /^Docker runs, but you are not permitted to use it$/, /usermod -aG docker/);
  });

  test("where Terraform is missing", async () => {
    const ended = await other.run("up", { ROLLCALL_TERRAFORM: "/nonexistent/terraform" });
    expectRefusal(ended, /^\/nonexistent\/terraform is not installed$/, /^ROLLCALL_TERRAFORM names/);
  });

  test.each([
    ["container", "consul-ui"],
    ["network", "rollcall-control"],
    ["volume", "consul-server-1-data"],
  ])("where a %s of that name is not ours", async (kind, name) => {
    const taken = `${other.prefix}${name}`;
    const create =
      kind === "container" ? ["create", "--network", "none", "--name", taken, image] : [kind, "create", taken];
    await docker(...create);
    try {
      const ended = await other.run("up");
      expectRefusal(
        ended,
        new RegExp(`^There is a ${kind} named ${taken} .* that Rollcall did not make$`),
        /ROLLCALL_PREFIX/,
      );
      expect(await docker(kind, "inspect", "--format", "{{.Name}}", taken)).toContain(taken);
    } finally {
      await docker(kind, "rm", ...(kind === "container" ? ["--volumes"] : []), taken);
    }
  });

  test("where there is no disk space for what must be built", async () => {
    // A small disk that only this run sees, mounted in a user namespace: it takes no root.
    const mount = 'mount -t tmpfs -o size=1m tmpfs "$XDG_CACHE_HOME" && exec "$@"';
    const onSmallDisk = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, "sh"];
    const env = { XDG_CACHE_HOME: folder("full"), ROLLCALL_PROVIDERS: "mirror" };
    const ended = await other.run("up", env, onSmallDisk);
    expectRefusal(ended, /needs 4 GiB of disk and .*full\/rollcall has 0\.0 GiB left$/, /^Free some space/);
  });

  test("where Go is missing and something must be built", async () => {
    const env = {
      XDG_CACHE_HOME: folder("no-go"),
      ROLLCALL_PROVIDERS: "mirror",
      PATH: pathOf(["docker", "terraform", process.env.ROLLCALL_TERRAFORM || "terraform", "sh"]),
    };
    expectRefusal(await other.run("up", env), /go is not installed/, /^Install Go/);
  });

  test("where a download fails, with what failed", async () => {
    const env = {
      XDG_CACHE_HOME: folder("no-network"),
      ROLLCALL_PROVIDERS: "mirror",
      GOMODCACHE: folder("no-modules"),
      // Nothing listens on port 9.
      GOPROXY: "http://127.0.0.1:9",
      GOFLAGS: "",
    };
    expectRefusal(
      await other.run("up", env),
      /providers .* failed: .*connection refused/,
      /^Correct the network first .* Run it again: it continues/,
    );
  });

  test("beside a running platform with the same names, which is named and not touched", async () => {
    const before = await fingerprint();
    const ended = await other.run("up", settingsFor(platform()));
    const cause = new RegExp(`^The platform ${instanceName()} of another clone is on this Docker host`);
    expectRefusal(ended, cause, /^Run `npx rollcall down` in that clone.*ROLLCALL_PREFIX.*ROLLCALL_HTTP_PORT/);
    expect(await fingerprint()).toEqual(before);
  });
});

/** What must not change where nothing is touched: each thing of the platform under test and its state. */
async function fingerprint(): Promise<readonly string[]> {
  const own = ["--filter", `label=rollcall.instance=${instanceName()}`];
  const ids = (await docker("ps", "--all", "--quiet", ...own)).split("\n").filter(Boolean);
  const state = join(platform().folder, "state");
  const files = readdirSync(state).sort();
  return [
    await docker("inspect", "--format", "{{.Id}} {{.Name}} {{.State.Status}} {{.State.StartedAt}}", ...ids),
    await docker("volume", "ls", "--format", "{{.Name}}", ...own),
    await docker("network", "ls", "--no-trunc", "--format", "{{.ID}}", ...own),
    ...files.map(
      (file) =>
        `${file} ${createHash("sha256")
          .update(readFileSync(join(state, file)))
          .digest("hex")}`,
    ),
  ];
}

describe("npx rollcall down", () => {
  test("in a clone beside a running platform with the same names touches nothing of it", async () => {
    const before = await fingerprint();
    expect(await other.down(settingsFor(platform()))).toMatchObject({ code: 0 });
    expect(await fingerprint()).toEqual(before);
  });

  test("is refused where Docker is not running, and forgets nothing", async () => {
    const name = other.named();
    const ended = await other.down({ DOCKER_HOST: "unix:///nonexistent.sock" });
    expectRefusal(
      ended,
      /^Docker does not answer, so nothing was removed$/,
      /^Start the Docker that DOCKER_HOST names .*, and run it again/,
    );
    expect(readFileSync(join(other.state, "instance"), "utf8").trim()).toBe(name);
  });

  test("is refused for a platform that nobody has", async () => {
    const ended = await rollcall("down", ["nobody-0000", "--yes"]);
    expectRefusal(ended, /^No platform "nobody-0000" is on this Docker host$/, /rollcall\.instance/);
  });
});

test.each(["verify", "token"])("%s of a platform that was never up says so", async (verb) => {
  const args = verb === "token" ? ["operator"] : [];
  const fresh = await Instance.create("fresh-");
  try {
    const ended = await command(process.execPath, ["ops/run.mjs", verb, ...args], {
      cwd: platform().folder,
      env: fresh.settings,
    });
    const stack = verb === "token" ? "access" : "foundation";
    expectRefusal(ended, new RegExp(`^The platform is not up: its stack ${stack} was never`), /^Run `npx rollcall up`/);
  } finally {
    await fresh.remove();
  }
});

test("an up that would replace the CA, and all services by those of another folder, is refused and changes nothing", async () => {
  const folder = join(scratch, "another-catalog");
  mkdirSync(folder);
  const check = "{ kind: none, reason: nothing runs here }";
  const lines = ["team: others", "services:", `  only_service: { port: 8001, address: only, check: ${check} }`];
  writeFileSync(join(folder, "others.yaml"), `${lines.join("\n")}\n`);
  const chdir = `-chdir=${join(platform().folder, "cdktf.out", "stacks", "foundation")}`;
  const terraform = (...args: readonly string[]) =>
    command(process.env.ROLLCALL_TERRAFORM || "terraform", [chdir, ...args]);
  const listed = (await terraform("state", "list")).stdout.split("\n");
  const ca = listed.find((each) => /^tls_self_signed_cert\.ca_[0-9A-F]+$/.test(each)) ?? "";
  const running = () => docker("ps", "--quiet", "--no-trunc", "--filter", `label=rollcall.instance=${instanceName()}`);
  const before = await running();
  expect(await terraform("taint", ca)).toMatchObject({ code: 0 });
  try {
    const ended = await rollcall("up", [], { ROLLCALL_CATALOG: folder });
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toContain("ca: the certificate authority is replaced");
    expect(ended.stderr).toMatch(/removed-service: the catalog folder was service-catalog and is .* and 35 more/);
    expect(ended.stderr).toContain("ROLLCALL_ALLOW=ca,removed-service npx rollcall up");
  } finally {
    await terraform("untaint", ca);
  }
  expect(await running()).toBe(before);
});

test("a misspelt setting is refused with the one that was meant", async () => {
  const ended = await other.run("status", { ROLLCALL_SERVER: "5" });
  expectRefusal(
    ended,
    /^There is no setting ROLLCALL_SERVER: did you mean ROLLCALL_SERVERS\?$/,
    /unset ROLLCALL_SERVER/,
  );
});

test("an unknown token is refused with the names of those that there are", async () => {
  const ended = await rollcall("token", ["root"]);
  expect(ended.stdout).toBe("");
  expectRefusal(
    ended,
    /^There is no token "root"$/,
    /management, metrics, discovery, dynamic, heartbeat, operator/,
    64,
  );
});

describe("an up that is interrupted", () => {
  test("by Ctrl-C says so and ends with exit code 1", async () => {
    const up = begun.start("up");
    await until("the first server of the platform that is interrupted", 40, async () =>
      (await begun.made()).includes(`container ${begun.prefix}consul-server-1`),
    );
    up.kill("SIGINT");
    const ended = await up.ended;
    expect({ code: ended.code, told: told(ended) }).toEqual({
      code: 1,
      told: ["Interrupted. The next run continues from here."],
    });
    expect(begun.lockedBy).toBeUndefined();
    expect((await begun.made()).length).toBeGreaterThan(0);
  });

  test("is finished by the next one; meanwhile a second up and a down are refused and told which", async () => {
    const up = begun.start("up");
    await until("the lock of the first up", 5, async () => begun.lockedBy !== undefined);
    const cause = new RegExp(`^\`npx rollcall up\` \\(process ${begun.lockedBy}\\) is running on this platform$`);
    expectRefusal(await begun.run("up"), cause, /^Wait until it has ended/);
    expectRefusal(await begun.down(), cause, /^Wait until it has ended/);
    const { code, stdout, stderr } = await up.ended;
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/test-team +1 of +1 +passing/);
  });
});

describe("a fresh shell, in which settings of the last up are missing", () => {
  const fresh = { ROLLCALL_HTTP_PORT: "", ROLLCALL_WORKLOADS: "" };

  test("is refused by up, which names each and how to set it, and changes nothing", async () => {
    const before = await begun.made();
    const ended = await begun.run("up", fresh);
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toContain(`export ROLLCALL_HTTP_PORT=${begun.httpPort}`);
    expect(ended.stderr).toContain("export ROLLCALL_WORKLOADS=off");
    expect(ended.stderr).not.toContain("export ROLLCALL_HTTPS_PORT");
    expect(await begun.made()).toEqual(before);
  });

  test("is refused by the other verbs that apply too", async () => {
    const ended = await begun.run("rotate", fresh, [], ["tokens"]);
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining("ROLLCALL_HTTP_PORT was ") });
  });
});

describe("a state that is damaged or gone", () => {
  const ids = () => docker("ps", "--all", "--no-trunc", "--quiet", "--filter", `name=^${begun.prefix}`);

  test("is refused by up before anything is removed, named by status, verify and token, and put back is as before", async () => {
    const before = await ids();
    const access = join(begun.state, "access.tfstate");
    const whole = readFileSync(access);
    writeFileSync(access, whole.subarray(0, whole.length / 2));
    try {
      const [up, token, ...others] = await Promise.all([
        begun.run("up"),
        begun.run("token", {}, [], ["operator"]),
        begun.run("status"),
        begun.run("verify"),
      ]);
      const cause = new RegExp(`^The state of the stack access, ${access}, is cut off`);
      expectRefusal(up, cause, /Terraform's copy|Terraform made no copy/);
      expectRefusal(token, cause, /docs\/operations.md, "A lost state"/);
      expect(token.stdout).toBe("");
      for (const { code, stdout } of others) expect([code, stdout]).toEqual([1, expect.stringContaining(access)]);
    } finally {
      writeFileSync(access, whole);
    }

    const server = join(begun.state, "server-1.tfstate");
    const serverState = readFileSync(server);
    rmSync(server);
    try {
      expectRefusal(await begun.run("up"), new RegExp(`^${begun.prefix}consul-server-1, .*${server}`), /docker rm -f/);
    } finally {
      writeFileSync(server, serverState);
    }
    expect(await ids()).toBe(before);
    expect(await begun.run("up")).toMatchObject({ code: 0, stdout: expect.stringContaining("Nothing changed") });
  });
});

describe("a down that is killed half-way", () => {
  /** Starts `down` and kills it, with all its children, when its containers are gone and its volumes are not. */
  async function killHalfWay(instance: Instance): Promise<void> {
    const down = instance.start("down", { PATH: pathWithHangingDocker() }, ["--yes"]);
    await until("down has removed the containers", 10, async () => /removing \d+ volume/.test(down.said()));
    down.kill("SIGKILL");
    await down.ended;
    expect(instance.isHalfDown).toBe(true);
    expect((await instance.made()).filter((line) => line.startsWith("container "))).toEqual([]);
    expect((await instance.made()).filter((line) => line.startsWith("volume "))).not.toEqual([]);
  }

  test("also of a platform of which Consul is dead and half is missing", async () => {
    await docker("rm", "--force", `${begun.prefix}consul-server-1`, `${begun.prefix}consul-agent-shared`);
    await docker("kill", `${begun.prefix}consul-ui`);
    await killHalfWay(begun);
  });

  test("is refused by name where a container of somebody else is attached to a network", async () => {
    const [stranger, network] = [`${begun.prefix}stranger`, `${begun.prefix}rollcall-platform`];
    await docker("run", "--detach", "--name", stranger, "--network", network, "--entrypoint", "sleep", image, "600");
    try {
      const ended = await begun.down();
      const cause = new RegExp(`^${network} cannot be removed: ${stranger} is attached, and not of this platform$`);
      expectRefusal(ended, cause, /docker network disconnect/);
    } finally {
      await docker("rm", "--force", "--volumes", stranger);
    }
  });

  test("is finished by the next down", async () => {
    const { code, stderr } = await begun.down();
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(await begun.made()).toEqual([]);
    expect(existsSync(begun.state)).toBe(false);
  });

  test("is finished by the next up before it begins anything", async () => {
    const label = ["--label", "rollcall=server-1", "--label", `rollcall.instance=${begun.named()}`];
    await docker("create", "--network", "none", "--name", `${begun.prefix}consul-server-1`, ...label, image);
    await docker("volume", "create", ...label, `${begun.prefix}consul-server-1-data`);
    await docker("network", "create", ...label, `${begun.prefix}rollcall-control`);
    await killHalfWay(begun);
    // Its port is taken: what it does before it looks at that is all that it does.
    const ended = await withListener(begun.httpPort, () => begun.run("up"));
    expectRefusal(ended, /^Port \d+ on 127.0.0.1 is taken$/, /ROLLCALL_HTTP_PORT/);
    expect(ended.stderr).toMatch(/removing 1 volume[\s\S]*removing 1 network/);
    expect(await begun.made()).toEqual([]);
  });
});

describe("an up whose server does not get healthy", () => {
  test("says in which stack, and where to look", async () => {
    const ended = await sickUp.ended;
    expectRefusal(ended, /^A container did not get healthy in time; .*stack server-1/, /docker logs NAME/);
    const logs = await command("docker", ["logs", "--tail", "20", `${sick.prefix}consul-server-1`]);
    expect(logs.stdout + logs.stderr).toMatch(/permission denied/i);
  });

  test("goes on when the cause is mended", async () => {
    const mend = ["--entrypoint", "/bin/sh", image, "-c", "chown 100:1000 /data"];
    const volume = `${sick.prefix}consul-server-1-data:/data`;
    await docker("run", "--rm", "--network", "none", "--user", "0:0", "--volume", volume, ...mend);
    const up = sick.start("up");
    await until("the server that is mended", 40, async () => /server-1 +\d+ added/.test(up.said()));
    up.kill("SIGKILL");
    await up.ended;
  });
});
