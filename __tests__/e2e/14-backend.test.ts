import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../../ops/fresh-clone";
import { selfSigned } from "../unit/self-signed";
import { furtherImage } from "./support/further-image";
import { Instance } from "./support/instance";
import { docker, type Ended, until } from "./support/platform";

/** Nothing but this test's own database is opened with it. */
const PASSWORD = "only-of-this-test";

/** A platform whose state lies in a real PostgreSQL, and a second clone that knows nothing but where that is. */
let own: Instance;
let other: Readonly<Record<string, string>>;
let database: string;
let access: Readonly<Record<string, string>>;
let upped: Ended;

beforeAll(async () => {
  own = await Instance.create(`pg${process.pid % 1000}-`);
  database = `states${process.pid % 1000}`;
  const [port = 0] = await freePorts(1);
  const image = await furtherImage("postgres", own.settings);
  const start = [
    'PATH="$PATH:$(echo /usr/lib/postgresql/*/bin)"',
    'echo "$PASSWORD" >/tmp/password',
    "initdb --pgdata=/tmp/data --username=rollcall --auth=scram-sha-256 --pwfile=/tmp/password --no-sync >/dev/null",
    // Over TLS or not at all, as docs/security.md says it.
    "echo 'hostssl all all all scram-sha-256' >>/tmp/data/pg_hba.conf",
    "(umask 077; cp /tls/key.pem /tls/cert.pem /tmp)",
    "tls='-c ssl=on -c ssl_cert_file=/tmp/cert.pem -c ssl_key_file=/tmp/key.pem'",
    "exec postgres -D /tmp/data -h '*' -k /tmp -c dynamic_shared_memory_type=mmap $tls",
  ];
  const { certPem, keyPem } = selfSigned("127.0.0.1");
  const tls = join(own.folder, "tls");
  mkdirSync(tls);
  writeFileSync(join(tls, "cert.pem"), certPem);
  writeFileSync(join(tls, "key.pem"), keyPem);
  // `npm test` runs under umask 077, and the database's user reads them as everybody.
  chmodSync(tls, 0o755);
  for (const name of ["cert.pem", "key.pem"]) chmodSync(join(tls, name), 0o644);
  const label = ["--label", "rollcall=test", "--label", `rollcall.instance=${database}`];
  const place = ["--publish", `127.0.0.1:${port}:5432`, "--user", "33:33", "--tmpfs", "/tmp", "--env", "PASSWORD"];
  const create = ["create", "--name", database, ...label, ...place, "--entrypoint", "/bin/sh"];
  process.env.PASSWORD = PASSWORD;
  await docker(...create, image, "-c", start.join(" && "));
  await docker("cp", tls, `${database}:/`);
  await docker("start", database);
  await until("the database answers", 20, async () => (await sql("select 1")) === "1");
  access = {
    ROLLCALL_BACKEND: "pg",
    PGHOST: "127.0.0.1",
    PGPORT: String(port),
    PGUSER: "rollcall",
    PGPASSWORD: PASSWORD,
    PGDATABASE: "postgres",
    PGSSLMODE: "verify-full",
    PGSSLROOTCERT: join(tls, "cert.pem"),
  };
  other = {
    ...access,
    ROLLCALL_STATE: join(own.folder, "other", "state"),
    CDKTF_OUTDIR: join(own.folder, "other", "cdktf.out"),
  };
  upped = await own.run("up", access);
});
afterAll(async () => {
  delete process.env.PASSWORD;
  await docker("rm", "--force", "--volumes", database);
  await own.remove();
});

async function sql(statement: string): Promise<string> {
  const psql = ["psql", "-h", "127.0.0.1", "-U", "rollcall", "-d", "postgres", "-Atc", statement];
  return (await docker("exec", "--env", `PGPASSWORD=${PASSWORD}`, database, ...psql)).trim();
}

/** Each schema of a stack, with how many resources its state tells of. */
async function recorded(): Promise<Readonly<Record<string, number>>> {
  const schemas = await sql("select nspname from pg_namespace where nspname like 'rollcall-%' order by 1");
  const counts: Record<string, number> = {};
  for (const schema of schemas.split("\n").filter(Boolean)) {
    const state = await sql(`select data from "${schema}".states where name = 'default'`);
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
    workloads: 0,
  });
  const states = filesIn(own.folder).filter((file) => file.endsWith(".tfstate") && !file.includes("/.terraform/"));
  expect(states).toEqual([]);
});

test("no file of the clone has the password", () => {
  const texts = filesIn(join(own.folder, "cdktf.out")).filter((file) => /\.(json|tfstate|hcl)$/.test(file));
  expect(texts.length).toBeGreaterThan(6);
  expect(texts.filter((file) => readFileSync(file, "utf8").includes(PASSWORD))).toEqual([]);
});

test("another clone reads the same state: no change, the same token, the same services", async () => {
  const diff = await own.run("diff", other);
  expect(diff).toMatchObject({ code: 0, stdout: expect.stringMatching(/^The catalog does not change\./) });
  const fresh = { ...other, CDKTF_OUTDIR: join(own.folder, "other", "fresh.out") };
  const tokens = [await own.run("verify", fresh), await own.run("verify", access)];
  expect(tokens.map(({ code }) => code)).toEqual([0, 0]);
});

test("of two applies at once one is refused by the lock, and nothing is lost", async () => {
  const change = { ROLLCALL_RAFT_MULTIPLIER: "2" };
  const ends = await Promise.all([own.run("up", { ...access, ...change }), own.run("up", { ...other, ...change })]);
  const refused = ends.filter(({ code }) => code === 1);
  expect(ends.map(({ code }) => code).sort()).toEqual([0, 1]);
  expect(refused[0]?.stderr).toMatch(
    /^Another run is at work on this stack, and holds its state \(stack [a-z0-9-]+: /m,
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
  expect(await own.run("down", access)).toMatchObject({ code: 0 });
  expect(await own.made()).toEqual([]);
  expect(Object.values(await recorded()).filter((count) => count > 0)).toEqual([]);
  const diff = await own.run("diff", other);
  expect(diff).toMatchObject({ code: 2, stdout: expect.stringContaining("only_service") });
});
