import { served } from "../../ops/rotate/certificates";
import { Instance } from "../e2e/support/instance";
import { type Ended, measured } from "../e2e/support/platform";
import { call, Repeater } from "../e2e/support/poll";
import { kept, Writer } from "../e2e/support/writer";

const HOLDERS = ["consul-server-1", "consul-server-2", "consul-server-3", "consul-agent-shared", "consul-ui"] as const;
/** A platform of three servers whose secrets are exchanged again and again. */
let instance: Instance;

beforeAll(async () => {
  instance = await Instance.create("rotating-", 3);
  expectGood(await instance.run("up"));
});

afterEach(() => Repeater.stopAll());

afterAll(async () => {
  await instance.run("down");
  await instance.remove();
});

function expectGood(ended: Ended): string {
  expect({ code: ended.code, stderr: ended.code === 0 ? "" : ended.stderr }).toEqual({ code: 0, stderr: "" });
  return ended.stdout;
}

async function verb(name: string, ...args: readonly string[]): Promise<string> {
  return expectGood(await instance.run(name, {}, [], args));
}

/** An exchange to its end: of tokens that others hold, the old ones stay until somebody says that they may go. */
async function exchange(what: string): Promise<void> {
  await verb("rotate", what);
  if (what === "tokens") await verb("rotate", what, "--finish");
}

async function ask<T>(path: string): Promise<T> {
  const token = (await verb("token", "management")).trim();
  return JSON.parse(await call(path, { token, port: instance.httpPort })) as T;
}

async function isTaken(secret: string): Promise<boolean> {
  return call("/v1/acl/token/self", { token: secret, port: instance.httpPort }).then(
    () => true,
    (error: unknown) => {
      if (/^Error: 403 .*ACL not found/.test(String(error))) return false;
      throw error;
    },
  );
}

/** What an exchange of this kind has to change, each secret (or what stands for it) by itself. */
const held: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  tokens: async () => [(await verb("token", "discovery")).trim(), (await verb("token", "operator")).trim()],
  gossip: async () => {
    const pools = await ask<{ readonly Keys: Readonly<Record<string, number>> }[]>("/v1/operator/keyring");
    return [...new Set(pools.flatMap(({ Keys }) => Object.keys(Keys)))];
  },
  certificates: () => Promise.all(HOLDERS.map(async (name) => (await served(instance.prefix, name)).serialNumber)),
  management: async () => [(await verb("token", "management")).trim()],
};

describe.each(["tokens", "gossip", "certificates", "management"] as const)("an exchange of %s", (what) => {
  const secrets = held[what] ?? (async () => []);

  test("interrupted after any line that it says, and run again, ends with new secrets alone", async () => {
    const body = JSON.stringify({ Description: "chaos rotate", Policies: [{ Name: "global-management" }] });
    const management = (await verb("token", "management")).trim();
    const made: { AccessorID: string; SecretID: string } = JSON.parse(
      await call("/v1/acl/token", { method: "PUT", token: management, body, port: instance.httpPort }),
    );
    const writer = new Writer(made.SecretID, `chaos-rotate/${what}/`, instance.httpPort);
    const whole = await instance.run("rotate", {}, [], [what]);
    expectGood(whole);
    if (what === "tokens") await verb("rotate", what, "--finish");
    const lines = whole.stderr.trimEnd().split("\n").length;
    const outdated = new Set<string>();
    let interrupted = 0;
    for (let line = 1; line <= lines; line++) {
      const before = await secrets();
      const run = instance.start("rotate", {}, [what]);
      await run.lines(line);
      run.kill("SIGINT");
      const { code, stderr } = await run.ended;
      if (code !== 0) {
        interrupted++;
        expect({ code, said: stderr.trim().split("\n").at(-1) }).toEqual({
          code: 1,
          said: "Interrupted. The next run continues from here.",
        });
      }
      await exchange(what);
      const after = await secrets();
      expect(after.filter((each) => before.includes(each))).toEqual([]);
      expect(after).toHaveLength(before.length);
      for (const each of before) outdated.add(each);
    }
    if (what === "tokens" || what === "management")
      for (const secret of outdated) expect(await isTaken(secret)).toBe(false);
    measured(`${what}: runs interrupted, of ${lines}`, interrupted, "most", "runs");
    expect(interrupted).toBeGreaterThan(lines / 2);
    await kept(writer, `${what} exchanged ${2 * lines + 1} times`, 3);
    await call(`/v1/acl/token/${made.AccessorID}`, {
      method: "DELETE",
      token: (await verb("token", "management")).trim(),
      port: instance.httpPort,
    });
    await verb("verify");
    expect(await verb("up")).toContain("Nothing changed");
  });
});
