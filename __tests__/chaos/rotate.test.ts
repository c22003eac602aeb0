/**
 * @needs clone
 * @areas ops/verbs/rotate ops/verbs/rotate.ts
 * @seconds 5400
 * @command test:all
 */
import { AIMS } from "../../bench/aims.js";
import { served } from "../../ops/verbs/rotate/certificates.js";
import { MEMBERS } from "../e2e/support/cluster.js";
import { mustFind, throughGateway } from "../e2e/support/http.js";
import { Instance } from "../e2e/support/instance.js";
import { measured } from "../e2e/support/platform.js";
import { call, Repeater, saidOf, summaryOf, told } from "../e2e/support/poll.js";
import { Clients } from "../e2e/support/under-load.js";

// Ends what hangs: some 25 lines, for each two exchanges that are cut off and one that is not, of a minute each.
jest.setTimeout(2 * 3_600_000);

/** A platform of three servers whose secrets are exchanged again and again. */
let instance: Instance;

beforeAll(async () => {
  instance = await Instance.create("rotating-", 3);
  await instance.done("up");
});

afterEach(() => Repeater.stopAll());

afterAll(async () => {
  await instance.down();
  await instance.remove();
});

/**
 * An exchange to its end. Of tokens that others hold, the old ones stay until somebody says that they may go.
 * @returns how many lines it said
 */
async function exchange(what: string): Promise<number> {
  const lines = await instance.linesOf("rotate", [what]);
  if (what === "tokens") await instance.done("rotate", [what, "--finish"]);
  return lines;
}

async function ask<T>(path: string): Promise<T> {
  return JSON.parse(await call(path, { token: await instance.token("management"), port: instance.httpPort })) as T;
}

/** Reads over TLS, each time by a new handshake. Whose certificate it is changes too often to be followed. */
function readerOverTls(): Repeater<void> {
  const read = { method: "GET", path: `/v1/health/service/${instance.service}?passing` };
  const tls = { port: instance.where.httpsPort, rejectUnauthorized: false };
  return new Repeater(20, 20, () => mustFind(throughGateway(read, tls)));
}

/** What an exchange of this kind has to change, each secret (or what stands for it) by itself. */
const held: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  tokens: async () => [await instance.token("discovery"), await instance.token("operator")],
  gossip: async () => {
    const pools = await ask<{ readonly Keys: Readonly<Record<string, number>> }[]>("/v1/operator/keyring");
    return [...new Set(pools.flatMap(({ Keys }) => Object.keys(Keys)))];
  },
  certificates: () => Promise.all(MEMBERS.map(async (name) => (await served(instance.prefix, name)).serialNumber)),
  management: async () => [await instance.token("management")],
};

describe.each(["tokens", "gossip", "certificates", "management"] as const)("an exchange of %s", (what) => {
  const secrets = held[what] ?? (async () => []);

  test("interrupted and killed after any line that it says, and run again, ends with new secrets alone", async () => {
    const made = await instance.managementToken("chaos rotate");
    const aim = AIMS.exchangeInterrupted.seconds.writes;
    const traffic = { token: made.SecretID, keys: `chaos-rotate/${what}/`, aim, atOnce: 40, at: instance };
    const clients = new Clients(`${what} exchanged again and again`, traffic);
    await clients.areAtWork();
    const overTls = readerOverTls();
    const lines = await exchange(what);
    const outdated = new Set<string>();
    let interrupted = 0;
    let killed = 0;
    for (let line = 1; line <= lines; line++) {
      const before = await secrets();
      if (line % 2 === 0 && (await instance.cutOff("SIGKILL", "rotate", line, [what]))) killed++;
      if (await instance.cutOff("SIGINT", "rotate", line, [what])) interrupted++;
      if (line % 2 === 1 && (await instance.cutOff("SIGKILL", "rotate", line, [what]))) killed++;
      await exchange(what);
      const after = await secrets();
      expect(after.filter((each) => before.includes(each))).toEqual([]);
      expect(after).toHaveLength(before.length);
      for (const each of before) outdated.add(each);
    }
    if (what === "tokens" || what === "management")
      for (const secret of outdated) expect(await saidOf(secret, instance.httpPort)).toBe("refused");
    measured(`${what}: exchanges`, 3 * lines + 1, "many", "runs");
    measured(`${what}: runs interrupted, of ${lines}`, interrupted, "most", "runs");
    measured(`${what}: runs killed, of ${lines}`, killed, "most", "runs");
    expect(Math.min(interrupted, killed)).toBeGreaterThan(lines / 2);
    const { refused, failed } = await clients.stop();
    const reads = await overTls.stop();
    told(`health reads over TLS, ${what} exchanged again and again`, reads, aim);
    expect({ refused, failed, overTls: summaryOf(reads).failed }).toEqual({ refused: 0, failed: 0, overTls: 0 });
    await call(`/v1/acl/token/${made.AccessorID}`, {
      method: "DELETE",
      token: await instance.token("management"),
      port: instance.httpPort,
    });
    await instance.done("verify");
    expect(await instance.done("up")).toContain("Nothing changed");
  });
});
