/**
 * @needs platform
 * @areas lib/consul/nginx/audit.ts lib/consul/nginx/audit lib/consul/scripts/rotate-audit.sh ops/platform/audit-verb.ts ops/cli/changes-made.ts
 *   ops/report/audit-lines.ts ops/verbs/logs/audit-log.ts ops/verbs/logs/read-audit.ts ops/verbs/logs/token-names.ts
 * @seconds 90
 */
import { randomUUID } from "node:crypto";
import { AUDIT_LOGS, DOORS } from "../../lib/consul/nginx/audit.js";
import { AUDIT } from "../../lib/consul/paths.js";
import { type AuditLine, parseAuditLines } from "../../ops/report/audit-lines.js";
import { readAuditFiles } from "../../ops/verbs/logs/read-audit.js";
import { type Call, throughGateway, toAgent } from "./support/http.js";
import { apiJson, command, docker, nameOf, platform, rollcall, token, until } from "./support/platform.js";
import { secretValues } from "./support/state.js";

/** How each door is asked. */
const CALLS = { gateway: (call: Call) => throughGateway(call), agent: (call: Call) => toAgent(call) } as const;
const doors = DOORS.map(({ door, container }) => ({ door, container, call: CALLS[door] }));
/** Every write of this file is to such a key, which tells them apart from what others write meanwhile. */
const KEY = `/v1/kv/audit-${randomUUID()}`;

let management: string;
let accessor: string;

beforeAll(async () => {
  management = await token("management");
  accessor = (await apiJson<{ AccessorID: string }>("/v1/acl/token/self", management)).AccessorID;
});

afterAll(async () => {
  await throughGateway({ method: "DELETE", path: `${KEY}?recurse`, token: management });
});

/** The lines that `npx rollcall logs audit` has of this file's keys. */
async function linesOf(...options: readonly string[]): Promise<readonly AuditLine[]> {
  const ended = await rollcall("logs", ["audit", "--json", "--tail", "all", ...options]);
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  return parseAuditLines(ended.stdout).filter(({ path }) => path.startsWith(KEY));
}

function inDoor(container: string, script: string): Promise<string> {
  return docker("exec", nameOf(container), "/bin/sh", "-c", script);
}

describe.each(doors)("at the $door", ({ door, container, call }) => {
  test("a write is told with the accessor id of its token, and by its consumer's name", async () => {
    const path = `${KEY}/${door}/done`;
    expect(await call({ method: "PUT", path, token: management, body: 1 })).toMatchObject({ status: 200 });
    const told = { door, method: "PUT", path, status: 200, accessor };
    expect((await linesOf()).filter((line) => line.path === path)).toEqual([expect.objectContaining(told)]);
    const { code, stdout } = await rollcall("logs", ["audit"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^\\S+Z +${door} +management +\\S+ +200 +PUT ${path}$`, "m"));
  });

  test("what is refused is told with --all, by whom or that nobody knows", async () => {
    const path = `${KEY}/${door}/refused`;
    const sent = [undefined, randomUUID(), await token("discovery")];
    for (const [number, each] of sent.entries())
      expect(await call({ method: "PUT", path: `${path}/${number}`, token: each, body: 1 })).toMatchObject({
        status: 403,
      });
    const refused = (lines: readonly AuditLine[]) => lines.filter((line) => line.path.startsWith(path));
    expect(refused(await linesOf())).toEqual([]);
    const lines = refused(await linesOf("--all"));
    expect(lines.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect(lines.map((line) => line.accessor)).toEqual([
      ...["anonymous", "unknown-token"],
      expect.stringMatching(/^[0-9a-f-]{36}$/),
    ]);
    expect((await rollcall("logs", ["audit", "--all"])).stdout).toMatch(
      new RegExp(` discovery +\\S+ +403 +PUT ${path}/2`),
    );
  });

  test("a flood of refused writes pushes nothing out of what was done", async () => {
    const before = await inDoor(container, `cat ${AUDIT}/${AUDIT_LOGS.writes}`);
    const flood = Array.from({ length: 20 }, async (_, lane) => {
      for (let turn = 0; turn < 10; turn += 1)
        await call({ method: "PUT", path: `${KEY}/${door}/flood/${lane}`, token: randomUUID(), body: 1 });
    });
    await Promise.all(flood);
    const after = await inDoor(container, `cat ${AUDIT}/${AUDIT_LOGS.writes}`);
    expect(after.startsWith(before)).toBe(true);
    expect(after).not.toContain("/flood/");
    const count = await inDoor(container, `cat ${AUDIT}/${AUDIT_LOGS.refused}* | grep -c '/${door}/flood/'`);
    expect(Number(count)).toBe(200);
  });

  test("what fails pushes nothing out of what was done either, and is shown: it may have been done", async () => {
    const before = await inDoor(container, `cat ${AUDIT}/${AUDIT_LOGS.writes}`);
    const discovery = await token("discovery");
    const path = `${KEY}/${door}/failed`;
    // Consul knows no such datacenter, and asks for no right before it says so.
    expect(await call({ method: "PUT", path: `${path}?dc=nowhere`, token: discovery, body: 1 })).toMatchObject({
      status: 500,
    });
    expect((await inDoor(container, `cat ${AUDIT}/${AUDIT_LOGS.writes}`)).startsWith(before)).toBe(true);
    expect((await linesOf()).filter((line) => line.path === path)).toMatchObject([{ status: 500 }]);
  });

  test("a file that is too large is moved aside, and Nginx goes on in a new one", async () => {
    const file = `${AUDIT}/${AUDIT_LOGS.refused}`;
    await inDoor(container, `busybox head -c 2000000 /dev/zero | busybox tr '\\0' '\\n' >>${file}`);
    await until(`the ${door}'s ${AUDIT_LOGS.refused} is moved aside`, 10, async () => {
      const size = await inDoor(container, `busybox stat -c %s ${file}`);
      return Number(size) < 1_000_000;
    });
    const path = `${KEY}/${door}/moved`;
    expect(await call({ method: "PUT", path, body: 1 })).toMatchObject({ status: 403 });
    expect(await inDoor(container, `cat ${file}`)).toContain(`"path":"${path}"`);
    expect((await linesOf("--all")).filter((line) => line.path.includes(`/${door}/flood/`))).toHaveLength(200);
  });

  test("no secret stands in what it keeps of tokens, in its audit log or in another one, or in docker inspect", async () => {
    const path = `${KEY}/${door}/secret`;
    const own = randomUUID();
    await call({ method: "PUT", path, token: management, body: 1 });
    await call({ method: "PUT", path, token: own, body: 1 });
    // At the gateway refused, and in no log either.
    await call({ method: "PUT", path: `${path}?token=${own}`, body: 1 });
    const kept = await inDoor(container, "find /tmp /bodies /accessors -type f -exec cat {} + 2>/dev/null || true");
    expect(kept).toContain(accessor);
    const logs = await command("docker", ["logs", nameOf(container)]);
    const files = [...(await readAuditFiles(nameOf(container))).values()].join("");
    const all = [kept, logs.stdout, logs.stderr, files, await docker("inspect", nameOf(container))].join("\n");
    // What it is, never the secret itself, which would stand in the log of this run.
    const found = [...secretValues(), ["a token that nobody has", own] as const].filter(([, value]) =>
      all.includes(value),
    );
    expect(found.map(([what]) => what)).toEqual([]);
  });

  test("its log is read where the container does not run", async () => {
    const stopped = `${platform().prefix}test-audit-${door}`;
    const image = (await docker("inspect", "--format", "{{.Image}}", nameOf(container))).trim();
    await docker("create", "--name", stopped, "--volumes-from", `${nameOf(container)}:ro`, "--network", "none", image);
    try {
      const files = await readAuditFiles(stopped);
      expect(files.get(AUDIT_LOGS.writes)).toContain(`${KEY}/${door}/done`);
    } finally {
      await docker("rm", "--volumes", stopped);
    }
  });
});

test("what `up` made is told too, with who ran it where", async () => {
  const { stdout } = await rollcall("logs", ["audit", "--json", "--tail", "all"]);
  const ups = parseAuditLines(stdout).filter(({ door, method }) => door === "verb" && method === "up");
  expect(ups[0]).toMatchObject({
    client: expect.stringMatching(/^.+@.+$/),
    path: expect.stringMatching(/^foundation: \d+ made; /),
    status: 0,
    accessor: "management",
  });
});
