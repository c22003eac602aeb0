/**
 * @needs clone
 * @areas lib/backend ops/verbs/rotate ops/platform/servers ops/verbs/restore
 * @seconds 400
 * @command test:all
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AIMS } from "../../bench/aims.js";
import { Database } from "../e2e/support/database.js";
import { Instance } from "../e2e/support/instance.js";
import { call, Repeater } from "../e2e/support/poll.js";
import { underLoad } from "../e2e/support/under-load.js";

const scratch = mkdtempSync(join(tmpdir(), "rollcall-chaos-backend-"));
/** A platform of three servers whose state lies in a real PostgreSQL. */
let instance: Instance;
let database: Database;
let env: Record<string, string>;
let writing = "";

beforeAll(async () => {
  instance = await Instance.create("states-", 3);
  database = await Database.create(instance);
  env = { ...database.access, ...(await instance.backups(scratch)) };
  await done("up");
  // May write, and is none of those that are exchanged.
  writing = (await instance.managementToken("chaos backend", env)).SecretID;
});

afterEach(() => Repeater.stopAll());

afterAll(async () => {
  await instance.down(env);
  await instance.remove();
  await database.remove();
  rmSync(scratch, { recursive: true });
});

const done = (name: string, args: readonly string[] = [], more: Record<string, string> = {}) =>
  instance.done(name, args, { ...env, ...more });

const management = () => instance.token("management", env);

async function put(path: string, body: string): Promise<void> {
  await call(path, { method: "PUT", token: await management(), body, port: instance.httpPort });
}

/** Does it under clients that write and read, and meet no refusal. */
async function whileUsed(what: string, work: () => Promise<unknown>) {
  const keys = `chaos-backend/${what.replaceAll(" ", "-")}/`;
  const traffic = { token: writing, keys, aim: AIMS.backend.seconds.writes, at: instance };
  const { refused, failed } = await underLoad(what, traffic, work);
  expect({ refused, failed }).toEqual({ refused: 0, failed: 0 });
}

async function peers(): Promise<readonly string[]> {
  const text = await call("/v1/operator/raft/configuration", { token: await management(), port: instance.httpPort });
  const { Servers }: { Servers: { Node: string }[] } = JSON.parse(text);
  return Servers.map(({ Node }) => Node).sort();
}

const named = (count: number) => Array.from({ length: count }, (_, index) => `consul-server-${index + 1}`);

test.each(["tokens", "gossip", "certificates", "management"])(
  "with its state in PostgreSQL, %s are exchanged, and up finds nothing to change",
  async (what) => {
    const before = await management();
    await whileUsed(`an exchange of ${what}`, () => done("rotate", [what]));
    expect((await management()) === before).toBe(what !== "management");
    expect(await done("up")).toContain("Nothing changed");
  },
);

test("it becomes five servers and three again, and the database forgets those that went", async () => {
  await whileUsed("3 to 5", () => done("up", [], { ROLLCALL_SERVERS: "5" }));
  expect(await peers()).toEqual(named(5));
  await whileUsed("5 to 3", () => done("up"));
  expect(await peers()).toEqual(named(3));
  const schemas = await database.sql("select nspname from pg_namespace where nspname like 'rollcall-%server-%'");
  const states = await Promise.all(
    schemas
      .split("\n")
      .map(async (schema) => [schema, await database.sql(`select data from "${schema}".states`)] as const),
  );
  const full = states.filter(([, text]) => /"resources": ?\[\s*\{/.test(text)).map(([schema]) => schema.slice(-8));
  expect(full.sort()).toEqual(["server-1", "server-2", "server-3"]);
});

test("when everything is lost, the database's content too, a backup brings all back", async () => {
  await put("/v1/kv/marker", "as it was");
  const file = (await done("backup")).split(" (")[0] ?? "";
  const before = await management();
  await done("down", ["--yes"]);
  for (const schema of (await database.sql("select nspname from pg_namespace where nspname like 'rollcall-%'")).split(
    "\n",
  ))
    await database.sql(`drop schema "${schema}" cascade`);
  await done("restore", [file, "--yes"]);
  expect(await management()).toBe(before);
  expect(await call("/v1/kv/marker?raw", { token: before, port: instance.httpPort })).toBe("as it was");
  expect(await done("up")).toContain("Nothing changed");
  await done("verify");
});
