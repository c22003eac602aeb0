import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { unless, waitUntil } from "../../../../../lib/wait-until.js";

// Each says that it begins, and what it is told; SIGTERM ends it.
const PROGRAM = `#!/bin/sh
name=\${0##*/}
say() { echo "$name $*" >>"\${0%/*}/said"; }
trap 'say HUP' HUP
trap 'say TERM; exit 0' TERM
say begins $$ "$@"
while :; do sleep 0.05; done
`;

let folder: string;
let script: ChildProcess;

const said = () => readFileSync(join(folder, "said"), "utf8").trim().split("\n");
const begun = (name: string) =>
  said().flatMap((line) => (line.startsWith(`${name} begins`) ? [Number(line.split(" ")[2])] : []));

async function until(what: string, holds: () => boolean): Promise<void> {
  await waitUntil({
    seconds: 10,
    pauseMs: 20,
    look: async () => unless(holds() ? "" : what),
    late: () => {
      throw new Error(`not so within 10 s: ${what}; said: ${said().join(", ")}`);
    },
  });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-agent-"));
  for (const [name, text] of [
    ["nginx", PROGRAM] as const,
    ["consul", PROGRAM] as const,
    ["busybox", "#!/bin/sh\n"] as const,
  ]) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
  for (const name of ["said", "http.sock"]) writeFileSync(join(folder, name), "");
  script = spawn(
    "/bin/sh",
    [resolve("lib/consul/scripts/agent.sh"), "nginx.conf", join(folder, "consul"), "agent", "-x"],
    {
      env: { PATH: `${folder}:${process.env.PATH ?? "/usr/bin:/bin"}`, RUN: folder, NGINX: join(folder, "nginx") },
      stdio: "ignore",
    },
  );
  await until("both run", () => begun("nginx").length === 1 && begun("consul").length === 1);
});

afterEach(async () => {
  if (script.exitCode === null) {
    script.kill("SIGTERM");
    await once(script, "exit");
  }
  rmSync(folder, { recursive: true });
});

test("Consul and Nginx run with what they were given, and no socket of an earlier Nginx is left", () => {
  expect(
    said()
      .map((line) => line.replace(/\d+/, "PID"))
      .sort(),
  ).toEqual(["consul begins PID agent -x", "nginx begins PID -e stderr -c nginx.conf"]);
  expect(() => readFileSync(join(folder, "http.sock"))).toThrow(/ENOENT/);
});

test.each([
  ["consul", "nginx"],
  ["nginx", "consul"],
])("%s is started again where it was killed, and %s goes on", async (killed, other) => {
  process.kill(begun(killed)[0] ?? 0, "SIGKILL");
  await until(`${killed} runs again`, () => begun(killed).length === 2);
  expect(begun(other)).toHaveLength(1);
  process.kill(begun(other)[0] ?? 0, 0);
});

test("both are told to read their files again, also one that was started again", async () => {
  process.kill(begun("consul")[0] ?? 0, "SIGKILL");
  await until("Consul runs again", () => begun("consul").length === 2);
  script.kill("SIGHUP");
  await until("both are told", () => said().includes("consul HUP") && said().includes("nginx HUP"));
  expect(begun("nginx")).toHaveLength(1);
});

test("both are ended, and nothing is started again", async () => {
  script.kill("SIGTERM");
  expect(await once(script, "exit")).toEqual([0, null]);
  expect(
    said()
      .filter((line) => line.endsWith("TERM"))
      .sort(),
  ).toEqual(["consul TERM", "nginx TERM"]);
  for (const name of ["consul", "nginx"]) expect(() => process.kill(begun(name)[0] ?? 0, 0)).toThrow(/ESRCH/);
});
