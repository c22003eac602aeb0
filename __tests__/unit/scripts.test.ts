import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readScript } from "../../lib/consul/scripts/read-script";

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

test.each(["server-healthy.sh", "leader-known.sh"] as const)("%s is plain sh and reaches Terraform escaped", (name) => {
  expect(spawnSync("/bin/sh", ["-n", join(SCRIPTS, name)], { encoding: "utf8" }).stderr).toBe("");
  expect(readScript(name)).toMatch(/^#!\/bin\/sh\n/);
  expect(readScript(name).replace(/([$%])\1\{/g, "")).not.toMatch(/[$%]\{/);
});
