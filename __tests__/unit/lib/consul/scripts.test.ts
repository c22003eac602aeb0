import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readScript } from "../../../../lib/consul/scripts/read-script.js";

const SCRIPTS = resolve("lib/consul/scripts");
const OWN = "172.30.241.11";
const OTHERS = ["consul-server-2", "consul-server-3"] as const;

/** What a Consul server answers, and which names the network resolves. */
interface World {
  /** The body of /v1/status/leader; undefined where nobody answers. */
  readonly leader: string | undefined;
  readonly peers?: string;
  readonly names?: readonly string[];
}

// Called as the scripts do: busybox timeout SECONDS busybox APPLET ...
const BUSYBOX = `#!/bin/sh
here=\${0%/*}
[ "$1 $3" = "timeout busybox" ] || { echo "no time limit: $*" >&2; exit 99; }
shift 3
for last in "$@"; do :; done
case $1 in
  wget) cat "$here/\${last##*/}" ;;
  nslookup) grep -qx "$last" "$here/names" ;;
  *) exit 98 ;;
esac
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-scripts-"));
  writeFileSync(join(folder, "busybox"), BUSYBOX);
  chmodSync(join(folder, "busybox"), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a script in that world: its exit code and what it says. */
function run(script: string, world: World, args: readonly string[] = []) {
  if (world.leader !== undefined) writeFileSync(join(folder, "leader"), world.leader);
  writeFileSync(join(folder, "peers"), world.peers ?? "[]");
  writeFileSync(join(folder, "names"), (world.names ?? []).map((name) => `${name}\n`).join(""));
  const path = `${folder}:${process.env.PATH ?? "/usr/bin:/bin"}`;
  const { status, stdout } = spawnSync("/bin/sh", [join(SCRIPTS, script), ...args], {
    env: { PATH: path },
    encoding: "utf8",
  });
  return { status, says: stdout.trim() };
}

const server = (world: World, others: readonly string[] = OTHERS) => run("server-healthy.sh", world, [OWN, ...others]);
const LEADER = '"172.30.241.12:8300"';

test("a server is healthy when a leader is known and it is one of its peers", () => {
  const peers = '["172.30.241.12:8300","172.30.241.11:8300"]';
  expect(server({ leader: LEADER, peers })).toEqual({ status: 0, says: "" });
});

test("a server that is not yet a peer is not healthy, though a leader is known", () => {
  expect(server({ leader: LEADER, peers: '["172.30.241.12:8300"]' })).toEqual({
    status: 1,
    says: `a leader is known (${LEADER}), but this server is not one of its peers yet`,
  });
});

test("a peer whose address only looks alike is another server", () => {
  for (const peers of ['["172.30.241.111:8300"]', '["1172.30.241.11:8300"]', '["172x30.241.11:8300"]'])
    expect(server({ leader: LEADER, peers }).status).toBe(1);
});

test("without a leader a server is healthy while another one has not been created", () => {
  expect(server({ leader: '""', names: ["consul-server-2"] })).toEqual({ status: 0, says: "" });
  expect(server({ leader: '""', names: [] }).status).toBe(0);
});

test("without a leader, and with all servers created, it is not healthy", () => {
  expect(server({ leader: '""', names: OTHERS })).toEqual({
    status: 1,
    says: "no leader is known, though every server has been created",
  });
});

test("a single server is healthy only with a leader", () => {
  expect(server({ leader: '""' }, []).status).toBe(1);
  expect(server({ leader: `"${OWN}:8300"`, peers: `["${OWN}:8300"]` }, []).status).toBe(0);
});

test("a server whose API does not answer is not healthy, whatever was created", () => {
  expect(server({ leader: undefined, names: [] }).status).not.toBe(0);
});

test("an agent is healthy while it knows a leader", () => {
  expect(run("leader-known.sh", { leader: LEADER })).toEqual({ status: 0, says: "" });
});

test("an agent that answers but knows no leader is not healthy", () => {
  expect(run("leader-known.sh", { leader: '""' })).toEqual({ status: 1, says: "no leader is known" });
});

test("an agent that does not answer is not healthy", () => {
  expect(run("leader-known.sh", { leader: undefined }).status).not.toBe(0);
});

/**
 * A container's program that counts how often it is told to read its files again, with notice or without, and the
 * secrets that it has.
 */
function program(settings: Readonly<Record<string, string>> = {}) {
  const secrets = join(folder, "secrets");
  const servers = join(folder, "servers");
  for (const each of [secrets, servers]) mkdirSync(each);
  writeFileSync(join(servers, "ca"), "one");
  writeFileSync(join(folder, "busybox"), '#!/bin/sh\nexec "$@"\n');
  const note = `[ ! -e ${folder}/notice ] || echo again >>${folder}/noticed`;
  const count = `trap 'echo again >>${folder}/told; ${note}' HUP; echo ready >${folder}/ready; while :; do sleep 0.05; done`;
  const child = spawn("/bin/sh", ["-c", count], { stdio: "ignore" });
  const path = `${folder}:${process.env.PATH ?? "/usr/bin:/bin"}`;
  const env = {
    PATH: path,
    TAKE_ANEW_FROM: `${secrets} ${servers}`,
    TAKEN: join(folder, "taken"),
    PROGRAM: String(child.pid),
    ...settings,
  };
  const lines = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8").split("\n").length - 1 : 0;
  const waitFor = async (name: string, wanted: number) => {
    for (let tries = 0; lines(name) < wanted && tries < 200; tries += 1) await sleep(25);
    return lines(name);
  };
  return {
    secrets,
    servers,
    ready: () => waitFor("ready", 1),
    told: (wanted: number) => waitFor("told", wanted),
    look: (...then: string[]) =>
      spawnSync("/bin/sh", [join(SCRIPTS, "take-anew.sh"), ...then], { env, encoding: "utf8" }),
    /** Runs it without waiting for its end. */
    begin: () => once(spawn("/bin/sh", [join(SCRIPTS, "take-anew.sh")], { env, stdio: "ignore" }), "close"),
    noticed: (wanted: number) => waitFor("noticed", wanted),
    end: () => child.kill("SIGKILL"),
  };
}

test("a program is told once of each change of its secrets, and not of those that it began with", async () => {
  const its = program();
  try {
    await its.ready();
    writeFileSync(join(its.secrets, "token"), "one");
    expect([its.look().status, its.look().status]).toEqual([0, 0]);
    expect(existsSync(join(folder, "told"))).toBe(false);
    writeFileSync(join(its.secrets, "token"), "two");
    expect([its.look().status, its.look().status]).toEqual([0, 0]);
    expect(await its.told(1)).toBe(1);
    writeFileSync(join(its.secrets, "key"), "three");
    its.look();
    expect(await its.told(2)).toBe(2);
    writeFileSync(join(its.servers, "ca"), "two");
    its.look();
    expect(await its.told(3)).toBe(3);
  } finally {
    its.end();
  }
});

test("a program is told when all its files are there, not while they still come, and again where one came after that", async () => {
  const its = program();
  try {
    await its.ready();
    for (const file of ["key", "pair", "token"]) writeFileSync(join(its.secrets, file), "old");
    its.look();
    // A carrier that is recreated brings every file again, those that did not change too, one after the other.
    writeFileSync(join(its.secrets, "pair"), "new");
    const looking = its.begin();
    for (const file of ["key", "token", "key", "token", "key", "token"]) {
      rmSync(join(its.secrets, file));
      await sleep(100);
      writeFileSync(join(its.secrets, file), "old");
      await sleep(200);
    }
    expect(existsSync(join(folder, "told"))).toBe(false);
    await looking;
    expect([await its.told(1), its.look().status]).toEqual([1, 0]);
    rmSync(join(its.secrets, "token"));
    writeFileSync(join(its.secrets, "token"), "old");
    its.look();
    expect(await its.told(2)).toBe(2);
  } finally {
    its.end();
  }
});

test("where notice is wanted, it is given before the program is told, and taken back; two that look at once tell once", async () => {
  const notice = join(folder, "notice");
  const its = program({ TAKE_ANEW_NOTICE: notice });
  try {
    await its.ready();
    writeFileSync(join(its.secrets, "ca"), "one");
    its.look();
    expect(existsSync(notice)).toBe(false);
    writeFileSync(join(its.secrets, "ca"), "two");
    await Promise.all([its.begin(), its.begin()]);
    expect([await its.noticed(1), await its.told(1)]).toEqual([1, 1]);
    expect(existsSync(notice)).toBe(false);
  } finally {
    its.end();
  }
});

test("what looks for new secrets goes on with the health check, and fails where the program is gone", async () => {
  const its = program();
  await its.ready();
  writeFileSync(join(its.secrets, "token"), "one");
  const check = join(folder, "check.sh");
  writeFileSync(check, 'echo "$1"; exit 3\n');
  expect(its.look(check, "well")).toMatchObject({ status: 3, stdout: "well\n" });
  its.end();
  await sleep(100);
  writeFileSync(join(its.secrets, "token"), "two");
  expect(its.look(check, "well").status).not.toBe(3);
});

/** A door's audit log, and an Nginx that counts how often it is told to open its files anew. */
async function door() {
  writeFileSync(join(folder, "busybox"), '#!/bin/sh\nexec "$@"\n');
  const audit = join(folder, "audit");
  mkdirSync(audit);
  const count = `trap 'echo again >>${folder}/reopened' USR1; echo ready >${folder}/ready; while :; do sleep 0.05; done`;
  const child = spawn("/bin/sh", ["-c", count], { stdio: "ignore" });
  writeFileSync(join(folder, "pid"), `${child.pid}\n`);
  const env = {
    PATH: `${folder}:${process.env.PATH ?? "/usr/bin:/bin"}`,
    AUDIT: audit,
    NGINX_PID: join(folder, "pid"),
  };
  while (!existsSync(join(folder, "ready"))) await sleep(25);
  return {
    write: (file: string, bytes: number, letter = "x") => writeFileSync(join(audit, file), letter.repeat(bytes)),
    beginsWith: (file: string) => (existsSync(join(audit, file)) ? readFileSync(join(audit, file), "utf8")[0] : ""),
    rotate: (...then: string[]) =>
      spawnSync("/bin/sh", [join(SCRIPTS, "rotate-audit.sh"), ...then], { env, encoding: "utf8" }),
    /** How often it was told, once that had time to arrive. */
    reopened: async () => {
      await sleep(300);
      const file = join(folder, "reopened");
      return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
    },
    end: () => child.kill("SIGKILL"),
  };
}

test("a file of the audit log that is too large takes the place of the one before, and Nginx begins a new one", async () => {
  const its = await door();
  try {
    its.write("writes.log", 5_000_001, "b");
    its.write("writes.log.1", 10, "a");
    its.write("others.log", 2_000_000);
    its.write("refused.log", 2_000_001, "r");
    its.write("verbs.log", 1_000_001, "v");
    expect(its.rotate().status).toBe(0);
    expect(["writes", "others", "refused", "verbs"].map((name) => its.beginsWith(`${name}.log.1`))).toEqual([
      ...["b", "", "r", "v"],
    ]);
    expect([its.beginsWith("writes.log"), its.beginsWith("others.log")]).toEqual(["", "x"]);
    expect(await its.reopened()).toBe(1);
  } finally {
    its.end();
  }
});

test("an Nginx that has not heard of it is told again, and nothing is moved twice", async () => {
  const its = await door();
  try {
    for (const name of ["writes", "others", "refused"]) its.write(`${name}.log`, 1);
    its.write("verbs.log.1", 1);
    its.rotate();
    expect(await its.reopened()).toBe(0);
    its.write("refused.log.1", 10, "r");
    rmSync(join(folder, "audit", "refused.log"));
    its.rotate();
    expect([its.beginsWith("refused.log.1"), await its.reopened()]).toEqual(["r", 1]);
  } finally {
    its.end();
  }
});

test("a health check goes on where the audit log cannot be kept bounded, and its own word counts", async () => {
  const its = await door();
  its.end();
  await sleep(100);
  its.write("writes.log", 5_000_001);
  const check = join(folder, "check.sh");
  writeFileSync(check, 'echo "$1"; exit 3\n');
  expect(its.rotate(check, "well")).toMatchObject({ status: 3, stdout: "well\n" });
  rmSync(join(folder, "audit"), { recursive: true });
  expect(its.rotate(check, "well")).toMatchObject({ status: 3, stdout: "well\n" });
});

test.each(["server-healthy.sh", "leader-known.sh", "take-anew.sh", "rotate-audit.sh"] as const)(
  "%s is plain sh and reaches Terraform escaped",
  (name) => {
    expect(spawnSync("/bin/sh", ["-n", join(SCRIPTS, name)], { encoding: "utf8" }).stderr).toBe("");
    expect(readScript(name)).toMatch(/^#!\/bin\/sh\n/);
    expect(readScript(name).replace(/([$%])\1\{/g, "")).not.toMatch(/[$%]\{/);
  },
);
