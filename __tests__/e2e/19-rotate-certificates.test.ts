/**
 * @needs platform
 * @areas ops/verbs/rotate.ts ops/verbs/rotate lib/consul/scripts/take-anew.sh lib/consul/tls/certificate-authority.ts
 * @seconds 260
 * @command test:all
 */
import { served } from "../../ops/verbs/rotate/certificates.js";
import { metAtServer, pairOf } from "./support/at-server.js";
import { Cluster, MEMBERS, SERVERS, untilAllPass } from "./support/cluster.js";
import { Exchanges, expectAsDeclared, rotate, rotateWhen } from "./support/exchanges.js";
import { docker, nameOf, platform, token, until } from "./support/platform.js";
import { call, Repeater, saidOf } from "./support/poll.js";

let exchanges: Exchanges;

beforeAll(async () => {
  exchanges = await Exchanges.create("e2e-rotate-certificates");
});

afterEach(() => Repeater.stopAll());

afterAll(async () => {
  await exchanges.remove();
  await untilAllPass(60);
});

test("certificates: each member shows a new one, nothing restarts, and an old one is refused", async () => {
  const serials = () => Promise.all(MEMBERS.map(async (name) => (await served(platform().prefix, name)).serialNumber));
  const before = await serials();
  const old = await pairOf("consul-agent-shared");
  expect(await metAtServer(old)).toEqual({ rpc: "taken", https: "taken" });
  const met = await exchanges.met("certificates", await token("discovery"), () => rotate("certificates"));
  expect(met).toMatchObject({ refused: 0, failed: 0, replaced: [] });
  const after = await serials();
  expect(new Set([...before, ...after]).size).toBe(2 * MEMBERS.length);
  const refused = expect.stringMatching(/unknown.ca|bad certificate/i);
  expect(await metAtServer(old)).toEqual({ rpc: refused, https: refused });
  expect(await metAtServer(await pairOf("consul-agent-shared"))).toEqual({ rpc: "taken", https: "taken" });
});

test("management: the servers alone are replaced, and the old token is refused", async () => {
  const old = await token("management");
  const met = await exchanges.met("management", await token("discovery"), () => rotate("management"));
  expect(met).toEqual({ refused: 0, failed: 0, replaced: SERVERS.map(nameOf) });
  const now = await token("management");
  expect(now).not.toBe(old);
  expect([await saidOf(old), await saidOf(now)]).toEqual(["refused", "taken"]);
});

test("afterwards all stands as declared, up finds nothing to change, and nothing secret was said", expectAsDeclared);

test("where nobody leads it waits for somebody, and then goes on", async () => {
  const [, ...two] = SERVERS.map(nameOf);
  const start = () => docker("start", ...two);
  const cluster = new Cluster(await token("management"));
  try {
    // As meant: what crashes comes back by itself.
    await docker("kill", ...two);
    await until("nobody leads", 10, async () => (await call("/v1/status/leader")).trim() === '""');
    const { code, stderr } = await rotateWhen(["tokens", "--finish"], "waiting for a leader: ", start);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining("waiting for a leader: Consul does not answer"),
    });
  } finally {
    await start();
    await cluster.untilWhole("three healthy peers again", 20);
  }
});
