/**
 * @needs platform
 * @areas lib/consul/gateway/gateway-config.ts lib/consul/gateway/gateway.ts lib/consul/gateway/gateway-servers.ts lib/consul/nginx/nginx.ts
 *   ops/platform/servers
 * @seconds 100
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { clusterOf } from "../../lib/consul/cluster.js";
import { GATEWAY_FILES, HOLDING, renderGateway, TRANSFER_LEADER } from "../../lib/consul/gateway/gateway-config.js";
import { pagesFiles, renderPages } from "../../lib/consul/gateway/gateway-pages.js";
import { leavingFile, renderServers, renderWriters, SERVER_FILES } from "../../lib/consul/gateway/gateway-servers.js";
import { AUDIT_TMPFS, auditFiles } from "../../lib/consul/nginx/audit.js";
import { NGINX_TMPFS } from "../../lib/consul/nginx/nginx.js";
import { AUDIT, CONFIG, SECRETS, SERVERS } from "../../lib/consul/paths.js";
import { whileLeaving, whileWritesAreHeld } from "../../ops/platform/servers/writes.js";
import { selfSigned } from "../support/self-signed.js";
import { Applications } from "./support/application.js";
import { docker, measured, nameOf, platform, until } from "./support/platform.js";

/*
 * The gateway's configuration in a real Nginx, before servers that fail as they are told: what of a write was sent, and
 * to how many, is known there alone. They share a network of their own, which has nothing but a loopback device.
 */

interface Outcome {
  readonly answers: readonly { readonly path: string; readonly status: number; readonly seconds: number }[];
  /** What the servers were asked, in order. */
  readonly received: readonly string[];
  /** How many requests of a crowd of others were refused. */
  readonly refused: number;
}

const scratch = mkdtempSync(join(tmpdir(), "rollcall-gateway-"));
const gateway = `${platform().prefix}test-gateway`;
let applications: Applications;

beforeAll(async () => {
  const { certPem, keyPem } = selfSigned("server.dc1.consul");
  // The servers have its HTTPS port, on the same device.
  const cluster = clusterOf("dc1", 3, "127.30.241.0/24");
  const place = { prefix: "", network: "none", hosts: [] };
  const config = renderGateway(cluster, place).replace("listen 8501 ", "listen 8502 ");
  const files = [
    [CONFIG, GATEWAY_FILES.config, config],
    ...Object.entries({ ...auditFiles(), ...pagesFiles() }).map(([name, content]) => [CONFIG, name, content] as const),
    [SERVERS, SERVER_FILES.ca, certPem],
    [SERVERS, SERVER_FILES.servers, renderServers(cluster)],
    [SERVERS, SERVER_FILES.writers, renderWriters(cluster)],
    [SERVERS, SERVER_FILES.pages, renderPages("", false)],
    [SECRETS, GATEWAY_FILES.pair, certPem + keyPem],
  ] as const;
  for (const [folder, name, content] of files) {
    mkdirSync(join(scratch, folder), { recursive: true });
    writeFileSync(join(scratch, folder, name), content);
    // `npm test` runs under umask 077.
    for (const path of [dirname(folder), folder]) chmodSync(join(scratch, path), 0o755);
    chmodSync(join(scratch, folder, name), 0o644);
  }
  applications = await Applications.create(undefined, { "cert.pem": certPem, "key.pem": keyPem });
  const image = (await docker("inspect", "--format", "{{.Image}}", nameOf("consul-ui"))).trim();
  const label = ["--label", "rollcall=test", "--label", `rollcall.instance=${gateway}`];
  const sizes = { ...NGINX_TMPFS, ...AUDIT_TMPFS, [AUDIT]: 8 };
  const tmpfs = Object.entries(sizes).flatMap(([path, size]) => ["--tmpfs", `${path}:size=${size}m,mode=1777`]);
  const where = ["--name", gateway, "--network", "none", ...tmpfs];
  const start = ["--entrypoint", "/usr/sbin/nginx", image, "-e", "stderr", "-c", `${CONFIG}/${GATEWAY_FILES.config}`];
  await docker("create", ...where, ...label, ...start);
  await docker("cp", join(scratch, dirname(CONFIG)), `${gateway}:/`);
});

// A server that failed is left alone for 10 s: no case begins with what another one has left.
// Its process number is written once it has read all its files: until then a case must not take one away.
beforeEach(async () => {
  await docker("restart", "--time", "0", gateway);
  await until("Nginx has started", 2, () => docker("exec", gateway, "cat", "/tmp/nginx.pid"));
});

afterAll(async () => {
  await docker("rm", "--force", "--volumes", gateway);
  await applications.remove();
  rmSync(scratch, { recursive: true });
});

async function ask(state: string, count: number, method: string, ...paths: readonly string[]): Promise<Outcome> {
  const args = [state, String(count), method, ...paths];
  return (await applications.run("servers.mjs", args, {}, `container:${gateway}`)) as Outcome;
}

/** As `npx rollcall up` says what it is about to do. */
const raise = (file: string) => docker("exec", gateway, "touch", file);

const statuses = ({ answers }: Outcome) => [...new Set(answers.map(({ status }) => status))];
const slowest = ({ answers }: Outcome) => Math.max(...answers.map(({ seconds }) => seconds));

test.each([
  ["gone", 0.3],
  ["silent", 1],
])("with one server %s every write is done, and once", async (state, aim) => {
  const outcome = await ask(state, 30, "PUT", "key");
  expect(statuses(outcome)).toEqual([200]);
  expect(outcome.received).toEqual(outcome.answers.map(({ path }) => path));
  measured(`slowest write with a server ${state}`, slowest(outcome), aim);
  expect(slowest(outcome)).toBeLessThan(3 * aim);
});

test.each(["PUT", "DELETE"])(
  "a %s that was sent and got no answer is not sent again, and is refused",
  async (method) => {
    const cut = await ask("up", 3, method, "cut");
    expect({ statuses: statuses(cut), received: cut.received.length }).toEqual({ statuses: [502], received: 3 });
    const hanging = await ask("up", 1, method, "hang");
    expect({ statuses: statuses(hanging), received: hanging.received }).toEqual({
      statuses: [504],
      received: ["/v1/kv/0/hang"],
    });
    expect(slowest(hanging)).toBeGreaterThan(4.5);
  },
);

test("with all servers gone a write is refused at once, and there is an end to the trying", async () => {
  const outcome = await ask("all-gone", 3, "PUT", "key");
  expect({ statuses: statuses(outcome), received: outcome.received }).toEqual({ statuses: [502], received: [] });
  expect(slowest(outcome)).toBeLessThan(3);
});

test.each([
  ["as it comes", "gone"],
  ["that was held back", "gone"],
  ["that no server takes", "all-gone"],
])("a large write %s goes the way of every write (a server %s)", async (what, state) => {
  if (what === "that was held back") await raise(HOLDING);
  const outcome = await ask(state, 6, "PUT", "large");
  expect(statuses(outcome)).toEqual([state === "gone" ? 200 : 502]);
  expect(outcome.received).toEqual(state === "gone" ? outcome.answers.map(({ path }) => path) : []);
});

test("a read that was sent and got no answer is sent to the next server", async () => {
  const outcome = await ask("up", 1, "GET", "cut");
  expect(statuses(outcome)).toEqual([502]);
  expect(outcome.received.length).toBeGreaterThanOrEqual(3);
});

/** A blocking query, with an index. */
const BLOCKING = "key?index=1";

test.each(["key", BLOCKING])(
  "with one server that answers 500 as it ends, every read of %s is served",
  async (path) => {
    const outcome = await ask("ending", 30, "GET", path);
    expect(statuses(outcome)).toEqual([200]);
    expect(outcome.received.length).toBeGreaterThan(outcome.answers.length);
  },
);

test("a read that every server answers with 500 is asked three times, and has none of them left alone", async () => {
  const outcome = await ask("up", 4, "GET", "broken", "key");
  expect(outcome.answers.map(({ status }) => status)).toEqual([500, 200, 500, 200, 500, 200, 500, 200]);
  expect(outcome.received.filter((path) => path.endsWith("broken"))).toHaveLength(3 * 4);
});

test.each(["PUT", "DELETE"])("a %s that is answered 500 is sent once", async (method) => {
  const outcome = await ask("up", 2, method, "broken");
  expect({ statuses: statuses(outcome), received: outcome.received.length }).toEqual({ statuses: [500], received: 2 });
});

test.each(["up", "gone"])(
  "a write that comes while leadership is handed over waits two seconds (a server %s)",
  async (state) => {
    await raise(HOLDING);
    const outcome = await ask(state, 3, "PUT", "key");
    expect(statuses(outcome)).toEqual([200]);
    expect(outcome.received).toEqual(outcome.answers.map(({ path }) => path));
    measured("slowest write that was held back", slowest(outcome), 2);
    expect(Math.min(...outcome.answers.map(({ seconds }) => seconds))).toBeGreaterThan(1.9);
    expect(slowest(outcome)).toBeLessThan(6);
  },
);

test("a write that was held back, sent, and got no answer is not sent again", async () => {
  await raise(HOLDING);
  const outcome = await ask("up", 1, "PUT", "cut");
  expect({ statuses: statuses(outcome), received: outcome.received.length }).toEqual({ statuses: [502], received: 1 });
});

test("nobody notices that the certificate is being replaced, and that there is none for a moment", async () => {
  const pair = `${SECRETS}/${GATEWAY_FILES.pair}`;
  await docker("exec", gateway, "mv", pair, `${pair}.away`);
  try {
    const outcomes = [await ask("up", 30, "PUT", "key"), await ask("up", 30, "GET", "key")];
    expect(outcomes.map(statuses)).toEqual([[200], [200]]);
  } finally {
    await docker("exec", gateway, "mv", `${pair}.away`, pair);
  }
});

test.each([
  ["GET", "key"],
  ["POST", TRANSFER_LEADER],
])("%s %s does not wait meanwhile", async (method, path) => {
  await raise(HOLDING);
  const outcome = await ask("up", 3, method, path);
  expect(statuses(outcome)).toEqual([200]);
  expect(slowest(outcome)).toBeLessThan(0.5);
});

test("a server that is about to end is sent no write", async () => {
  await raise(leavingFile("consul-server-1"));
  expect(statuses(await ask("ending", 30, "PUT", "key"))).toEqual([200]);
});

test("the files go with whoever put them there", async () => {
  const files = async () => (await docker("exec", nameOf("consul-ui"), "ls", "/tmp")).split("\n");
  await whileLeaving(platform(), "consul-server-1", () =>
    whileWritesAreHeld(platform(), async () => {
      expect(await files()).toEqual(expect.arrayContaining(["holding", "leaving-consul-server-1"]));
    }),
  );
  expect((await files()).filter((name) => /^(holding|leaving)/.test(name))).toEqual([]);
});

test.each(["GET", "PUT"])("while greedy addresses are refused, a %s of one that asks little is not", async (method) => {
  // Fewer than the burst that an address may begin with.
  const outcome = await ask("crowded", 15, method, "key");
  measured(
    `requests of two greedy addresses refused of 300, with every ${method} of a third served`,
    outcome.refused,
    "some",
    "requests",
  );
  expect(outcome.refused).toBeGreaterThan(50);
  expect(statuses(outcome)).toEqual([200]);
});
