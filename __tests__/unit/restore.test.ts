import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newKeyPair } from "../../lib/backup/age";
import { readSettings, type Settings } from "../../lib/settings";
import { begunRestore, markBegun, markEnded, refuseHalfRestored } from "../../ops/restore/begun";
import { forgetStrangers } from "../../ops/restore/forget-strangers";
import { withoutDocker } from "../../ops/restore/install-states";
import { readBackup, readIdentities } from "../../ops/restore/read-backup";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-restore-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function settings(env: Readonly<Record<string, string>> = {}): Settings {
  return readSettings({ ROLLCALL_STATE: join(folder, "state"), ...env });
}

test("a restore that did not come to its end stops every up, and one that did stops none", () => {
  expect(() => refuseHalfRestored(settings())).not.toThrow();
  markBegun(settings(), { file: "/backups/a.age", installed: false });
  expect(() => refuseHalfRestored(settings())).toThrow("The restore of /backups/a.age did not come to its end");
  markBegun(settings(), { file: "/backups/a.age", installed: true });
  expect(begunRestore(settings())).toEqual({ file: "/backups/a.age", installed: true });
  markEnded(settings());
  expect(() => refuseHalfRestored(settings())).not.toThrow();
});

test("where a platform is made anew, its state keeps keys and ids and forgets what stood on a Docker host", () => {
  const types = ["random_bytes", "docker_network", "docker_container", "tls_private_key", "consul_acl_policy"];
  const state = { version: 4, serial: 7, lineage: "x", resources: types.map((type) => ({ type, mode: "managed" })) };
  expect(JSON.parse(withoutDocker(JSON.stringify(state)))).toEqual({
    ...state,
    resources: ["random_bytes", "tls_private_key", "consul_acl_policy"].map((type) => ({ type, mode: "managed" })),
  });
});

test("without a key file, with a missing one and with one that has no secret key, nothing is read", async () => {
  expect(() => readIdentities(settings())).toThrow("ROLLCALL_BACKUP_IDENTITY is not set");
  const file = join(folder, "key");
  const named = settings({ ROLLCALL_BACKUP_IDENTITY: file });
  expect(() => readIdentities(named)).toThrow(`${file} cannot be read: it is not there`);
  const { identity, recipient } = await newKeyPair();
  writeFileSync(file, `${recipient}\n`);
  expect(() => readIdentities(named)).toThrow("has no line AGE-SECRET-KEY-…");
  writeFileSync(file, `${identity}\n`);
  expect(readIdentities(named)).toEqual([identity]);
  await expect(readBackup(join(folder, "none.age"), [identity])).rejects.toThrow("it is not there");
});

describe("what stands in a restored Consul under a name of Rollcall's", () => {
  const policies = [
    { ID: "p-known", Name: "rollcall-agent" },
    { ID: "p-strange", Name: "rollcall-operator" },
    { ID: "p-hand", Name: "on-call" },
  ];
  const tokens = [
    { AccessorID: "t-known", Description: "rollcall agent", Policies: [{ ID: "p-known" }] },
    { AccessorID: "t-strange", Description: "rollcall operator", Policies: [{ ID: "p-strange" }] },
    { AccessorID: "t-hand", Description: "somebody's", Policies: [{ ID: "p-strange" }] },
  ];
  const answers: Readonly<Record<string, unknown>> = {
    "/v1/acl/policies": policies,
    "/v1/acl/tokens": tokens,
    "/v1/query": [],
    "/v1/kv/catalog/?keys&separator=/": ["catalog/ai/", "catalog/gone/"],
  };

  test("and no state knows, is removed; what a state knows and what people made stays", async () => {
    const removed: string[] = [];
    const admin = {
      json: async (path: string) => answers[path],
      ask: async (_: string, path: string) => ({ status: 200, body: Buffer.from(JSON.stringify(answers[path])) }),
      call: async (method: string, path: string) => {
        removed.push(`${method} ${path}`);
        return Buffer.from("true");
      },
    };
    const known = new Set(["p-known", "t-known", "catalog/ai/"]);
    const gone = await forgetStrangers(admin, { teams: [], services: [], dynamic: [] }, known);
    expect(removed).toEqual([
      "DELETE /v1/acl/token/t-strange",
      "DELETE /v1/acl/policy/p-strange",
      "DELETE /v1/kv/catalog/gone/?recurse=true",
    ]);
    expect(gone).toEqual(['the token "rollcall operator"', "the policy rollcall-operator", "KV catalog/gone/"]);
  });
});
