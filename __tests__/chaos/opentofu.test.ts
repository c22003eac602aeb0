/**
 * @needs clone
 * @areas lib/backend ops/terraform/terraform.ts ops/terraform/state-text.ts ops/terraform/text-in-state.ts
 * @seconds 600
 * @command test:all
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "../e2e/support/database.js";
import { Instance } from "../e2e/support/instance.js";
import { output } from "../e2e/support/platform.js";
import { call } from "../e2e/support/poll.js";

const scratch = mkdtempSync(join(tmpdir(), "rollcall-chaos-opentofu-"));
const tofu = join(scratch, "tofu");
/** What docs/security.md gives: the configuration, passphrase included, and the part for a platform that already runs. */
const [given = "", migrating = ""] = [
  ...readFileSync(join(import.meta.dirname, "../../docs/security.md"), "utf8").matchAll(
    /^ {2}```hcl\n(.*?)^ {2}```/gms,
  ),
].map(([, block = ""]) => block);
/** The same, with as few iterations (600,000 otherwise) as OpenTofu allows: a key is derived for each read and each write. */
const encryption = given.replace(/passphrase = .*\n/, "$&    iterations = 200000\n");

beforeAll(async () => {
  const flags = ["-trimpath", "-ldflags", "-s -w", "-o", tofu];
  await output(
    "go",
    ["build", ...flags, "github.com/opentofu/opentofu/cmd/tofu"],
    join(import.meta.dirname, "opentofu"),
  );
});

afterAll(() => rmSync(scratch, { recursive: true }));

describe.each(["local", "pg"])("a platform whose state OpenTofu encrypts, by the backend %s", (backend) => {
  const isEncrypted = (state: string) => Object.hasOwn(JSON.parse(state), "encrypted_data");
  let instance: Instance;
  let database: Database | undefined;
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    instance = await Instance.create(`sealed-${backend}-`);
    if (backend === "pg") database = await Database.create(instance);
    const folder = join(scratch, backend);
    mkdirSync(folder, { mode: 0o700 });
    const clear = { ...database?.access, ...(await instance.backups(folder)), ROLLCALL_TERRAFORM: tofu };
    await instance.done("up", [], clear);
    env = { ...clear, TF_ENCRYPTION: encryption };
    expect(await instance.run("up", env)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^The state is not encrypted yet.*fallback of docs\/security\.md/ms),
    });
    const once = `${encryption.replace(/^ {2}state \{.*?^ {2}\}\n/ms, "")}${migrating}`;
    await instance.done("up", [], { ...env, TF_ENCRYPTION: once });
    for (const file of readdirSync(instance.state).filter((name) => name.endsWith(".backup")))
      rmSync(join(instance.state, file));
  });

  afterAll(async () => {
    await instance.remove();
    await database?.remove();
  });

  const done = (verb: string, args: readonly string[] = []) => instance.done(verb, args, env);

  /** What is at rest of each stack's state, and of the state before it. */
  async function atRest(): Promise<readonly string[]> {
    if (database === undefined)
      return readdirSync(instance.state)
        .filter((file) => /\.tfstate(\.backup)?$/.test(file))
        .map((file) => readFileSync(join(instance.state, file), "utf8"));
    const db = database;
    const schemas = await db.sql("select nspname from pg_namespace where nspname like 'rollcall-%'");
    const states = await Promise.all(schemas.split("\n").map((name) => db.sql(`select data from "${name}".states`)));
    return states.filter((state) => state !== "");
  }

  test("has nothing of it in clear, neither the state nor what synth writes", async () => {
    const states = await atRest();
    expect(states.length).toBeGreaterThanOrEqual(6);
    const kept = new Set(states.flatMap((state) => Object.keys(JSON.parse(state))));
    expect([...kept].sort()).toEqual(["encrypted_data", "encryption_version", "lineage", "meta", "serial"]);
    const token = await instance.token("management", env);
    const files = readdirSync(instance.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => statSync(file).size < 10_000_000);
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => readFileSync(file, "utf8").includes(token))).toEqual([]);
  });

  test("is read by every verb that reads a state", async () => {
    expect(await done("up")).toContain("Nothing changed");
    expect(await done("diff")).toMatch(/^The catalog does not change\./);
    expect(await done("drift")).toContain("What Consul has is what was applied.");
    await done("verify");
    expect((await instance.run("doctor", env)).stdout).not.toMatch(/no state knows|state cannot/);
  });

  test.each(["tokens", "gossip", "certificates", "management"])("has its %s exchanged", async (what) => {
    await done("rotate", [what]);
    expect(await done("up")).toContain("Nothing changed");
    expect((await atRest()).every(isEncrypted)).toBe(true);
  });

  test.each([
    ["without its key", ""],
    ["with another one", encryption.replace("at least 16", "another of 16")],
  ])("is refused %s, and nothing has changed", async (_, other) => {
    const before = await atRest();
    for (const verb of ["up", "diff", "backup"]) {
      const { code, stderr } = await instance.run(verb, { ...env, TF_ENCRYPTION: other });
      expect({ verb, code, stderr }).toEqual({
        verb,
        code: 1,
        stderr: expect.stringMatching(/^The state is encrypted, and not with the key of TF_ENCRYPTION/m),
      });
    }
    expect(await atRest()).toEqual(before);
    expect(await done("up")).toContain("Nothing changed");
  });

  test("comes back from a backup when everything is lost, encrypted again", async () => {
    await call("/v1/kv/marker", {
      method: "PUT",
      body: "as it was",
      token: await instance.token("management", env),
      port: instance.httpPort,
    });
    const before = await instance.token("management", env);
    const file = (await done("backup")).split(" (")[0] ?? "";
    await done("down", ["--yes"]);
    await done("restore", [file, "--yes"]);
    expect(await instance.token("management", env)).toBe(before);
    expect(await call("/v1/kv/marker?raw", { token: before, port: instance.httpPort })).toBe("as it was");
    expect((await atRest()).every(isEncrypted)).toBe(true);
    expect(await done("up")).toContain("Nothing changed");
    await done("down", ["--yes"]);
    expect(await instance.made()).toEqual([]);
  });
});
