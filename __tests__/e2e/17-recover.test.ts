/**
 * @needs clone
 * @areas ops/verbs/recover.ts ops/verbs/recover lib/consul/backup/scheduled-backup.ts
 * @seconds 260
 * @command test:all
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AIMS } from "../../bench/aims.js";
import { SERVERS } from "./support/cluster.js";
import { Instance } from "./support/instance.js";
import { docker, inTime, until } from "./support/platform.js";
import { call, Repeater } from "./support/poll.js";
import { Clients } from "./support/under-load.js";
import { valuesIn } from "./support/writer.js";

const AIM = AIMS.recover.seconds;
const scratch = mkdtempSync(join(tmpdir(), "rollcall-recover-"));
/** A platform of three servers that backs itself up and loses two of them. */
let lost: Instance;
let settings: Readonly<Record<string, string>>;
let management = "";

beforeAll(async () => {
  lost = await Instance.create(`few${process.pid % 1000}-`, 3);
  settings = { ...(await lost.backups(scratch)), ROLLCALL_BACKUP_EVERY: "1h" };
  await done("up");
  management = await lost.token("management", settings);
});

afterAll(async () => {
  await Repeater.stopAll();
  await lost.remove();
  rmSync(scratch, { recursive: true });
});

/** A verb that must succeed; gives what it printed. */
async function done(name: string, args: readonly string[] = []): Promise<string> {
  const begun = Date.now();
  const said = await lost.done(name, args, settings);
  inTime(`${name} ${args.join(" ")}`, (Date.now() - begun) / 1000, AIM.verb);
  return said;
}

/** A call to the API of the platform that loses its servers. */
function ask(path: string, body?: string): Promise<string> {
  const at = { token: management, port: lost.httpPort };
  return call(path, body === undefined ? at : { ...at, method: "PUT", body });
}

describe("recover", () => {
  const written = Array.from({ length: 200 }, (_, number) => `written/${number}`);
  /** At work from before the first loss to the end. */
  let clients: Clients;

  async function refusal(args: readonly string[]): Promise<string> {
    const { code, stderr } = await lost.run("recover", settings, [], args);
    expect(code).toBe(1);
    return stderr;
  }

  test("refuses while a quorum lives, also where one server is lost", async () => {
    for (const key of written) expect(await ask(`/v1/kv/${key}`, key)).toBe("true");
    expect(await refusal(["--yes"])).toContain("the servers have a leader");
    const traffic = {
      token: management,
      keys: "under-load/",
      aim: AIM.verb,
      readAim: AIM.staleReads,
      at: lost,
      isStale: true,
    };
    clients = new Clients("two servers lost, and recover", traffic);
    await clients.areAtWork();
    await lost.lose("consul-server-1");
    await until("a leader without the first server", 10, async () => /:8300/.test(await ask("/v1/status/leader")));
    // From now on a write is acknowledged by both others, and whatever was acknowledged before is on both.
    await until("a write without it", 10, async () => (await ask("/v1/kv/without", "the first")) === "true");
    expect(await refusal(["--yes"])).toContain("the servers have a leader");
  });

  test("makes the one that is left the whole cluster, from which the others are rebuilt; nothing acknowledged is lost", async () => {
    await lost.lose("consul-server-2");
    await until("no leader is known any more", 10, async () => !/:8300/.test(await ask("/v1/status/leader?stale")));
    const asked = await refusal([]);
    expect(asked).toContain(`kept  ${lost.prefix}consul-server-3, last index `);
    expect(asked).toContain(`lost  ${lost.prefix}consul-server-1: it has no data`);
    expect(asked).toContain("Nobody is there to answer, so nothing was changed");

    expect(await done("recover", ["--yes"])).toContain(`${SERVERS.join(", ")} vote.`);
    await clients.stop();
    const values = valuesIn(await ask("/v1/kv/written/?recurse"));
    expect(values).toEqual(new Map(written.map((key) => [key, key])));
    const { Servers } = JSON.parse(await ask("/v1/operator/raft/configuration")) as {
      Servers: { Node: string; Voter: boolean }[];
    };
    expect(Servers.filter(({ Voter }) => Voter).map(({ Node }) => Node)).toEqual(expect.arrayContaining(SERVERS));
    expect(await refusal(["--yes"])).toContain("the servers have a leader");
    expect(await done("up")).toContain("Nothing changed");
  });
});

describe("an exchange of tokens and certificates", () => {
  test("replaces no scheduled backup, and it makes the next one with the new ones", async () => {
    const container = `${lost.prefix}consul-backup`;
    const id = () => docker("inspect", "--format", "{{.Id}}", container);
    const before = await id();
    for (const what of ["tokens", "certificates"]) await done("rotate", [what]);
    // It makes one as soon as it starts and has none.
    await docker("exec", container, "/bin/sh", "-c", "rm /consul/data/backups/*.age");
    await docker("restart", container);
    await until("the next scheduled backup", 20, async () =>
      (await done("backup", ["--list"])).includes("scheduled: "),
    );
    expect(await id()).toBe(before);
  });
});
