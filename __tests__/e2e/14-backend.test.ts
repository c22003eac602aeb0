/**
 * @needs clone
 * @areas lib/backend ops/terraform/states.ts ops/terraform/state-files.ts ops/terraform/state-text.ts ops/platform/up-record.ts
 * @seconds 160
 * @command test:all
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Database } from "./support/database.js";
import { Instance } from "./support/instance.js";
import type { Ended } from "./support/platform.js";

/** A platform whose state lies in a real PostgreSQL, and a second clone that knows nothing but where that is. */
let own: Instance;
let other: Readonly<Record<string, string>>;
let database: Database;
let access: Readonly<Record<string, string>>;
let upped: Ended;

beforeAll(async () => {
  own = await Instance.create(`pg${process.pid % 1000}-`);
  database = await Database.create(own);
  access = database.access;
  other = {
    ...access,
    ROLLCALL_STATE: join(own.folder, "other", "state"),
    CDKTF_OUTDIR: join(own.folder, "other", "cdktf.out"),
  };
  upped = await own.run("up", access);
});
afterAll(async () => {
  await database?.remove();
  await own.remove();
});

/** Each schema of a stack, with how many resources its state tells of. */
async function recorded(): Promise<Readonly<Record<string, number>>> {
  const schemas = await database.sql("select nspname from pg_namespace where nspname like 'rollcall-%' order by 1");
  const counts: Record<string, number> = {};
  for (const schema of schemas.split("\n").filter(Boolean)) {
    const state = await database.sql(`select data from "${schema}".states where name = 'default'`);
    const { resources }: { resources: readonly unknown[] } = JSON.parse(state || '{"resources":[]}');
    counts[schema.replace(`rollcall-${own.prefix}`, "")] = resources.length;
  }
  return counts;
}

/** Every file below a folder. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test("up keeps the state of each stack in the database, and none on this machine", async () => {
  expect(upped).toMatchObject({ code: 0 });
  expect(await recorded()).toEqual({
    access: expect.any(Number),
    foundation: expect.any(Number),
    gateway: expect.any(Number),
    queries: expect.any(Number),
    registry: expect.any(Number),
    "server-1": expect.any(Number),
    "up-record": 0,
    workloads: 0,
  });
  const states = filesIn(own.folder).filter((file) => file.endsWith(".tfstate") && !file.includes("/.terraform/"));
  expect(states).toEqual([]);
});

test("no file of the clone has the password", () => {
  const texts = filesIn(join(own.folder, "cdktf.out")).filter((file) => /\.(json|tfstate|hcl)$/.test(file));
  expect(texts.length).toBeGreaterThan(6);
  expect(texts.filter((file) => readFileSync(file, "utf8").includes(database.password))).toEqual([]);
});

test("another clone reads the same state: no change, the same token, the same services", async () => {
  const diff = await own.run("diff", other);
  expect(diff).toMatchObject({ code: 0, stdout: expect.stringMatching(/^The catalog does not change\./) });
  const fresh = { ...other, CDKTF_OUTDIR: join(own.folder, "other", "fresh.out") };
  const tokens = [await own.run("verify", fresh), await own.run("verify", access)];
  expect(tokens.map(({ code }) => code)).toEqual([0, 0]);
});

test("the settings of the last up are in the database: another clone that lacks one is refused, and changes nothing", async () => {
  const before = await recorded();
  const refused = await own.run("up", { ...other, ROLLCALL_CATALOG: "" });
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`ROLLCALL_CATALOG was ${join(own.folder, "catalog")}, and is not set`),
  });
  expect(await recorded()).toEqual(before);
});

test("of two applies at once one is refused by the lock, and nothing is lost", async () => {
  const change = { ROLLCALL_RAFT_MULTIPLIER: "2" };
  const ends = await Promise.all([own.run("up", { ...access, ...change }), own.run("up", { ...other, ...change })]);
  const refused = ends.filter(({ code }) => code === 1);
  expect(ends.map(({ code }) => code).sort()).toEqual([0, 1]);
  expect(refused[0]?.stderr).toMatch(
    /^Another run is working on this stack, and holds its state \(stack [a-z0-9-]+: /m,
  );
  const again = await own.run("up", { ...other, ...change });
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("Nothing changed") });
  expect((await own.run("diff", { ...access, ...change })).code).toBe(0);
});

test("what is not encrypted on its way to the database does not get in", async () => {
  const ended = await own.run("diff", { ...other, PGSSLMODE: "disable" });
  expect(ended.code).toBe(1);
  expect(ended.stderr).toMatch(/cannot be used: .*no pg_hba\.conf entry .*no encryption/);
});

test("a database that does not answer is named, with what to look at", async () => {
  const ended = await own.run("diff", { ...other, PGPORT: "9" });
  expect(ended.code).toBe(1);
  expect(ended.stderr).toMatch(
    /The database of the state \(ROLLCALL_BACKEND=pg\) cannot be used: .*connection refused/,
  );
  expect(ended.stderr).toContain("PGHOST");
});

test("down empties the state, and the next diff begins from nothing", async () => {
  expect(await own.down(access)).toMatchObject({ code: 0 });
  expect(await own.made()).toEqual([]);
  expect(Object.values(await recorded()).filter((count) => count > 0)).toEqual([]);
  const diff = await own.run("diff", other);
  expect(diff).toMatchObject({ code: 2, stdout: expect.stringContaining("only_service") });
});
