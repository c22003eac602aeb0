import { spawn } from "node:child_process";
import { AIMS } from "../../../bench/aims.js";
import { settingsFor } from "../../../dev/fresh-clone.js";
import { containers, differing } from "./clone.js";
import { mustFind, throughGateway, toAgent } from "./http.js";
import { apiJson, type Ended, inTime, platform, rollcall, token, VERB_ENV } from "./platform.js";
import { call, HealthWatch, Repeater, summaryOf, told } from "./poll.js";
import { caCertificate, secretValues } from "./state.js";
import { underLoad } from "./under-load.js";

const AIM = AIMS.exchange.seconds;
/** Writes under way at once. */
const AT_ONCE = 40;
const READ = { method: "GET", path: "/v1/health/service/billing_service?passing" } as const;

/** Exchanges of secrets under clients. The writer's token is not exchanged: what it meets is not its own doing. */
export class Exchanges {
  private constructor(
    /** Of the policy, the token's description and the keys that it may write. */
    private readonly name: string,
    private readonly writing: { readonly AccessorID: string; readonly SecretID: string },
  ) {}

  /** @param name one that no other file has, e.g. `e2e-rotate` */
  static async create(name: string): Promise<Exchanges> {
    const management = await token("management");
    const put = (path: string, body: object) =>
      call(path, { method: "PUT", token: management, body: JSON.stringify(body) });
    await put("/v1/acl/policy", { Name: name, Rules: `key_prefix "${name}/" { policy = "write" }` });
    const made = await put("/v1/acl/token", { Description: name, Policies: [{ Name: name }] });
    return new Exchanges(name, JSON.parse(made));
  }

  async remove(): Promise<void> {
    const management = await token("management");
    await call(`/v1/acl/token/${this.writing.AccessorID}`, { method: "DELETE", token: management });
    const { ID } = await apiJson<{ ID: string }>(`/v1/acl/policy/name/${this.name}`, management);
    await call(`/v1/acl/policy/${ID}`, { method: "DELETE", token: management });
  }

  /** Does it under a writer, readers, one of them with a token, and a look at every service; tells what they met. */
  async met(what: string, readerToken: string, work: () => Promise<unknown>) {
    const before = await containers();
    const watch = await HealthWatch.start();
    const traffic = {
      token: this.writing.SecretID,
      keys: `${this.name}/${what.replace(/\W+/g, "-")}/`,
      aim: AIM.writes,
      atOnce: AT_ONCE,
      readerToken,
    };
    const others = otherReaders();
    const { acknowledged, refused, failed } = await underLoad(what, traffic, work);
    let missed = 0;
    for (const { name, reads } of others) {
      const attempts = await reads.stop();
      told(`${name}, ${what}`, attempts, AIM.writes);
      missed += summaryOf(attempts).failed;
    }
    const { left, services, ...polls } = await watch.stop(what);
    // The shortest exchange ends within 2 s.
    expect(acknowledged).toBeGreaterThan(AT_ONCE);
    expect({ left, services }).toEqual({ left: {}, services: 40 });
    const replaced = differing(before, await containers()).filter((name) => !/-(config|secrets|servers)$/.test(name));
    return { refused, failed: failed + missed + polls.failed, replaced };
  }
}

/** An exchange that must succeed. */
export async function rotate(...args: readonly string[]): Promise<Ended> {
  const ended = await rollcall("rotate", args);
  expect({ code: ended.code, stderr: ended.code === 0 ? "" : ended.stderr }).toEqual({ code: 0, stderr: "" });
  inTime(`rotate ${args.join(" ")}`, ended.seconds, AIM.verb);
  return ended;
}

/** Starts an exchange and does something as soon as it says this; gives how it ended. */
export function rotateWhen(
  args: readonly string[],
  says: string,
  deed: (group: number) => unknown,
): Promise<{ readonly code: number; readonly stderr: string }> {
  const test = platform();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["ops/run.mjs", "rotate", ...args], {
      cwd: test.folder,
      env: { ...process.env, ...settingsFor(test), ...VERB_ENV },
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    });
    let stderr = "";
    let done: unknown;
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      stderr += part;
      if (done !== undefined || child.pid === undefined || !stderr.includes(says)) return;
      done = deed(child.pid);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      Promise.resolve(done).then(() => resolve({ code: code ?? -1, stderr }), reject);
    });
  });
}

/** Reads by the other doors that applications use: the gateway's TLS, and the agent. Each read has a connection of its own. */
function otherReaders() {
  const ca = caCertificate();
  return [
    { name: "reads over TLS", reads: new Repeater(20, 20, () => mustFind(throughGateway(READ, { ca }))) },
    // Each is a `docker exec`.
    { name: "reads at the agent", reads: new Repeater(2, 20, () => mustFind(toAgent(READ))) },
  ];
}

/** All stands as declared after exchanges, `up` finds nothing to change, and says no secret. */
export async function expectAsDeclared(): Promise<void> {
  expect(await rollcall("verify")).toMatchObject({ code: 0 });
  const upped = await rollcall("up");
  expect(upped).toMatchObject({ code: 0, stdout: expect.stringContaining("Nothing changed") });
  const secrets = [...secretValues().values()];
  expect(secrets.length).toBeGreaterThan(10);
  expect(secrets.filter((secret) => (upped.stdout + upped.stderr).includes(secret))).toEqual([]);
}
