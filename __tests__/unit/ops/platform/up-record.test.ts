import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KEPT_VARIABLES } from "../../../../lib/settings/table.js";
import { givenVariables } from "../../../../lib/settings.js";
import {
  forgetStack,
  readRecord,
  removeRecord,
  type UpRecord,
  writeRecord,
} from "../../../../ops/platform/up-record.js";
import { Terraform } from "../../../../ops/terraform/terraform.js";

const RECORD: UpRecord = { settings: { ROLLCALL_NETWORKS: "ish-chat" }, containers: ["a1", "b2"] };

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "rollcall-record-"));
});
afterEach(() => rmSync(home, { recursive: true }));

/** A platform whose state is in one of the backends. */
function place(backend: "local" | "pg") {
  return { backend, instance: "rollcall", stateFolder: join(home, "state"), outdir: join(home, "cdktf.out") };
}

/** A Terraform that keeps the state of a folder in one file, as a database would. */
function terraform(): Terraform {
  const program = join(home, "terraform");
  const script = [
    "#!/bin/sh",
    'if [ "$1" = init ]; then mkdir .terraform',
    `elif [ "$2" = pull ]; then cat ${database()} 2>/dev/null || true`,
    `elif [ "$2" = push ]; then cat >${database()}`,
    "else exit 1; fi",
  ];
  writeFileSync(program, `${script.join("\n")}\n`, { mode: 0o755 });
  return new Terraform(program, { PATH: process.env.PATH });
}

function database(): string {
  return join(home, "database");
}

describe.each(["local", "pg"] as const)("with the state in the backend %s", (backend) => {
  test("what up records is what the next one reads, however often it is written", async () => {
    const [settings, program] = [place(backend), terraform()];
    await writeRecord(settings, program, { settings: {}, containers: [] });
    await writeRecord(settings, program, RECORD);
    expect(await readRecord(settings, program)).toEqual(RECORD);
  });

  test("where no up has recorded anything, nothing is known, and nothing is made", async () => {
    expect(await readRecord(place(backend), terraform())).toBeUndefined();
    expect([existsSync(database()), existsSync(place(backend).stateFolder)]).toEqual([false, false]);
  });

  test("after down nothing is recorded any more, and a new record can be written", async () => {
    const [settings, program] = [place(backend), terraform()];
    await removeRecord(settings, program);
    await writeRecord(settings, program, RECORD);
    await removeRecord(settings, program);
    expect(await readRecord(settings, program)).toBeUndefined();
    await writeRecord(settings, program, RECORD);
    expect(await readRecord(settings, program)).toEqual(RECORD);
  });
});

test.each(["{", '{"settings":{}}', '{"settings":{"ROLLCALL_NETWORKS":1},"containers":[]}', ""])(
  "a damaged record is refused, with its file and the way on: %j",
  async (text) => {
    const settings = place("local");
    mkdirSync(settings.stateFolder);
    const file = join(settings.stateFolder, "up-record.json");
    writeFileSync(file, text);
    await expect(readRecord(settings, terraform())).rejects.toMatchObject({
      message: expect.stringContaining(file),
      remedy: expect.stringContaining(`rm ${file}`),
    });
  },
);

test.each(["{", '{"serial":1,"outputs":{"text":{"value":7}}}', '{"serial":1,"outputs":{"text":{"value":"{"}}}'])(
  "a damaged record in the database is refused, with its schema and the way on: %j",
  async (text) => {
    writeFileSync(database(), text);
    await expect(readRecord(place("pg"), terraform())).rejects.toMatchObject({
      message: expect.stringContaining("rollcall-up-record"),
      remedy: expect.stringContaining('DROP SCHEMA "rollcall-up-record"'),
    });
  },
);

test("in the state folder the record is a file that nobody else can read", async () => {
  const settings = place("local");
  await writeRecord(settings, terraform(), RECORD);
  expect(statSync(join(settings.stateFolder, "up-record.json")).mode & 0o777).toBe(0o600);
});

test("in the database the record is a state with nothing but one output, in a schema of its own", async () => {
  const settings = place("pg");
  await writeRecord(settings, terraform(), RECORD);
  const state = JSON.parse(readFileSync(database(), "utf8"));
  expect(state).toMatchObject({ version: 4, serial: 1, resources: [], outputs: { text: { type: "string" } } });
  const file = join(settings.outdir, "up-record", "stacks", "up-record", "cdk.tf.json");
  expect(JSON.parse(readFileSync(file, "utf8")).terraform.backend).toEqual({
    pg: { conn_str: "", schema_name: "rollcall-up-record" },
  });
  // Plain cdktf applies what is below cdktf.out/stacks, and would empty it.
  expect(existsSync(join(settings.outdir, "stacks"))).toBe(false);
});

test("what is recorded are the variables that shape the platform and are set, as they were given", () => {
  const env = { ROLLCALL_NETWORKS: "one,two", ROLLCALL_SERVERS: "5", ROLLCALL_COEXIST: "", ROLLCALL_STATE: "/x" };
  expect(givenVariables({ ...env, PATH: "/bin" })).toEqual({ ROLLCALL_NETWORKS: "one,two", ROLLCALL_SERVERS: "5" });
});

test("no path of a secret's file and nothing of the database is recorded", () => {
  expect(Object.keys(KEPT_VARIABLES).filter((name) => /IDENTITY|STATE|BACKEND|TERRAFORM/.test(name))).toEqual([]);
});

test("a stack whose state is taken away on purpose is missed by nobody, and nothing else is forgotten", async () => {
  const [settings, program] = [place("local"), terraform()];
  await forgetStack(settings, program, "server-5");
  expect(existsSync(settings.stateFolder)).toBe(false);
  await writeRecord(settings, program, { ...RECORD, stacks: ["access", "server-5"] });
  await forgetStack(settings, program, "server-5");
  await forgetStack(settings, program, "server-4");
  expect(await readRecord(settings, program)).toEqual({ ...RECORD, stacks: ["access"] });
});
