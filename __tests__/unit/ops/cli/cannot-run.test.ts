import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { cannotRun, cannotRunTerraform } from "../../../../lib/cannot-run.js";
import { makePrivateFolder, refuseStrangers } from "../../../../lib/private-folder.js";
import { CommandFailed, run } from "../../../../lib/process.js";
import { colourFor } from "../../../../ops/cli/colour.js";
import { whyNoDocker } from "../../../../ops/docker/require-docker.js";
import { resultOf } from "../../../../ops/platform/result.js";
import { dockerIsSilent } from "../../../../ops/report/status/judge.js";
import { explain, lastWord } from "../../../../provision/failures.js";

let folder: string;
let bin: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-cannot-run-"));
  bin = join(folder, "bin");
  mkdirSync(bin);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program on the PATH. */
function put(name: string, script: string, mode = 0o755): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode });
}

function verb(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const env = {
    PATH: bin,
    HOME: folder,
    ROLLCALL_STATE: join(folder, "state"),
    CDKTF_OUTDIR: join(folder, "out"),
    ...more,
  };
  const { status, stdout, stderr } = spawnSync(process.execPath, [resolve("ops/run.mjs"), ...args], {
    env,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

test("a program that is not there, and one that is none, are each called that, with what to do", async () => {
  const missing = await run("rollcall-nothing", []).catch((error: unknown) => error);
  expect(missing).toMatchObject({ reason: "missing" });
  writeFileSync(join(bin, "text"), "text");
  for (const program of [join(bin, "text"), bin]) {
    const found = await run(program, []).catch((error: unknown) => error);
    if (!(found instanceof CommandFailed)) throw new Error("no failure");
    expect(found.reason).toBe("forbidden");
    expect(cannotRun(found)?.remedy).toContain("chmod +x");
  }
  expect(cannotRun({ command: "git", reason: "missing" })).toMatchObject({
    message: "git is not installed",
    remedy: expect.stringContaining("Install git"),
  });
  expect(cannotRun({ command: "git", reason: "exit" })).toBeUndefined();
});

test("a folder that is not there is not blamed on the program", async () => {
  await expect(run("true", [], { cwd: join(folder, "nowhere") })).rejects.toThrow("is not there");
});

test("whoever set ROLLCALL_TERRAFORM is not told to set it", () => {
  const missing = { command: "tofu", reason: "missing" } as const;
  expect(cannotRunTerraform(missing, "tofu")?.remedy).toMatch(/^ROLLCALL_TERRAFORM names tofu: install it/);
  expect(cannotRunTerraform(missing, "terraform")?.remedy).toMatch(/^Install Terraform 1\.5 or newer/);
});

test("whoever sent Docker's client elsewhere is not told to start the Docker of this machine", () => {
  for (const env of [{ DOCKER_HOST: "tcp://build.example:2376" }, { DOCKER_CONTEXT: "build.example" }]) {
    const remedies = [
      whyNoDocker({ reason: "exit", text: "" }, env).remedy,
      dockerIsSilent({ unknown: "Cannot connect" }, env).remedy,
    ];
    for (const remedy of remedies) {
      expect(remedy).toMatch(/^Start the Docker that DOCKER_\w+ names \(.*build\.example.*\), or unset DOCKER_/);
      expect(remedy).not.toContain("systemctl");
    }
  }
  expect(whyNoDocker({ reason: "exit", text: "" }, {}).remedy).toContain("sudo systemctl start docker");
  expect(dockerIsSilent({ unknown: "Cannot connect" }, {}).remedy).toContain("sudo systemctl start docker");
});

test("Docker that is not installed, does not run, or is not permitted are three things", async () => {
  const texts = (["missing", "exit", "timeout"] as const).map((reason) => whyNoDocker({ reason, text: "" }).message);
  expect(texts).toEqual(["Docker is not installed", "Docker does not answer", "Docker gave no answer within 30 s"]);
  expect(whyNoDocker({ reason: "exit", text: "permission denied while trying to connect" }).message).toMatch(
    /not permitted/,
  );
  const absent = await resultOf(() => run("rollcall-nothing", []));
  expect(absent).toEqual({ unknown: "rollcall-nothing is not installed" });
  expect(dockerIsSilent({ unknown: "Docker is not installed" }).remedy).toMatch(/^Install Docker/);
  expect(dockerIsSilent({ unknown: "Cannot connect" }).what).toBe("Docker does not answer: Cannot connect");
});

test.each(["verify", "diff", "drift", "recover", "down", "catalog audit"])(
  "%s says that Docker is not installed before it speaks of anything else",
  (words) => {
    const ended = verb([...words.split(" ")]);
    expect(ended).toMatchObject({ status: 1, stdout: "" });
    expect(ended.stderr).toMatch(/^Docker is not installed(, so nothing was removed)?\nInstall Docker Engine/);
  },
  30_000,
);

test("logs refuses a name that nothing has before it looks for Docker", () => {
  expect(verb(["logs", "nosuch"]).stderr).toMatch(/^Nothing here is called "nosuch"/);
  expect(verb(["logs", "agent"]).stderr).toMatch(/^Docker is not installed, so there are no logs to read\n/);
}, 30_000);

test("restore speaks of a file that is not there before it speaks of keys, and looks where the person stands", () => {
  expect(verb(["restore", "nofile"]).stderr).toMatch(
    new RegExp(`^${resolve("nofile")} cannot be read: it is not there\n`),
  );
});

test("a missing git is not blamed on the commit, and a catalog outside of any clone not on git", () => {
  expect(verb(["diff", "--against", "HEAD"]).stderr).toMatch(/^git is not installed\nInstall git/);
  put("git", 'echo "fatal: detected dubious ownership in repository" >&2; exit 128');
  expect(verb(["diff", "--against", "HEAD"]).stderr).toMatch(/^git reads no clone of another user/);
  put("git", 'echo "fatal: not a git repository" >&2; exit 128');
  expect(verb(["diff", "--against", "HEAD"]).stderr).toMatch(/is in no clone of git/);
}, 30_000);

test("what Terraform breaks over lines is told whole, and a network that is away is named as the thing to correct", () => {
  const lines = [
    "Initializing provider plugins...",
    "Error: Failed to query available provider packages",
    "Could not retrieve the list of available versions for provider hashicorp/tls:",
    "could not connect to registry.terraform.io: failed to",
    "request discovery document: dial tcp: no such host",
  ];
  expect(lastWord(lines)).toMatch(
    /^Error: Failed to query .* failed to request discovery document: dial tcp: no such host$/,
  );
  const told = explain(new CommandFailed("terraform init", "exit", 1, lines), "downloading the Terraform providers");
  expect(told).toMatchObject({ remedy: expect.stringMatching(/^Correct the network first/) });
  const other = explain(new CommandFailed("go", "exit", 1, ["error: no such file"]), "compiling");
  expect(other).toMatchObject({ remedy: expect.stringMatching(/^Run it again/) });
});

test("no colour of a tool gets into a message, and none of ours into a pipe", async () => {
  put("loud", "printf '\\033[31m│\\033[0m \\033[1mError: bad\\033[0m\\n' >&2; exit 1");
  const failed = await run(join(bin, "loud"), []).catch((error: unknown) => error);
  expect(failed).toMatchObject({ message: expect.stringMatching(/failed with exit code 1\nError: bad$/) });
  expect(colourFor({ isTTY: false }).red("x")).toBe("x");
  for (const file of [
    "bench/discovery.ts",
    "bench/bench.ts",
    "bench/soak.ts",
    "bench/scale.ts",
    "bench/plan.ts",
    "bench/discovery-peers.ts",
    "ops/report/diff/report.ts",
  ]) {
    const text = readFileSync(file, "utf8");
    expect({ file, tables: text.split("new Table(").length }).toEqual({
      file,
      tables: text.split(/style: (?:PLAIN|\{ head: \[\], border: \[\] \})/).length,
    });
  }
});

test("progress goes to standard error, and is coloured by what that is", () => {
  const written: string[] = [];
  const write = jest.spyOn(process.stderr, "write").mockImplementation((text) => written.push(String(text)) > 0);
  const [out, error] = [process.stdout.isTTY, process.stderr.isTTY];
  Object.assign(process.stdout, { isTTY: true });
  Object.assign(process.stderr, { isTTY: false });
  try {
    jest.isolateModules(() => require("../../../../ops/cli/progress.js").report("a line"));
  } finally {
    write.mockRestore();
    Object.assign(process.stdout, { isTTY: out });
    Object.assign(process.stderr, { isTTY: error });
  }
  expect(written).toEqual([expect.stringMatching(/^ *[\d.]+ s {2}a line\n$/)]);
});

describe("a folder of ours", () => {
  test("is made for nobody else", () => {
    makePrivateFolder(join(folder, "a", "b"));
    expect(() => refuseStrangers(join(folder, "a", "b"))).not.toThrow();
  });

  test("that belongs to another user is refused by name, whoever runs it", () => {
    const nobody = (process.geteuid?.() ?? 0) + 1;
    expect(() => refuseStrangers(folder, [nobody])).toThrow(`The folder ${folder} belongs to another user`);
  });

  test("that is a file is refused", () => {
    writeFileSync(join(folder, "file"), "");
    expect(() => makePrivateFolder(join(folder, "file"))).toThrow(/cannot be used/);
  });
});
