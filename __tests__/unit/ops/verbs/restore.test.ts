import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newKeyPair } from "../../../../lib/backup/encryption.js";
import { readSettings, type Settings } from "../../../../lib/settings.js";
import { begunRestore, markBegun, markEnded, refuseHalfRestored } from "../../../../ops/platform/begun-restore.js";
import { forgetStrangers } from "../../../../ops/verbs/restore/forget-strangers.js";
import { withoutDocker } from "../../../../ops/verbs/restore/install-states.js";
import { readBackup, readIdentities } from "../../../../ops/verbs/restore/read-backup.js";
import { givesWay } from "../../../../ops/verbs/restore/restore-history.js";
import { fakeConsul } from "../../../support/fake-consul.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-restore-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function settings(env: Readonly<Record<string, string>> = {}): Settings {
  return readSettings({ ROLLCALL_CONFIG: "none", ROLLCALL_STATE: join(folder, "state"), ...env });
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

test.each([
  ["has no event", "", "2026-12-01T10:00:00.000Z", true],
  ["began with the restore", '{"seq":1,"time":"2026-12-01T10:02:00.000Z"}\n', "2026-12-01T10:00:00.000Z", true],
  ["is older", '{"seq":1,"time":"2026-12-01T09:59:00.000Z"}\n', "2026-12-01T10:00:00.000Z", false],
  ["is there, and nobody knows since when", '{"seq":1,"time":"2026-12-01T10:02:00.000Z"}\n', undefined, false],
])("a history that %s gives way to the backup's, or stays", (_, first, since, gives) => {
  expect(givesWay(first, since)).toBe(gives);
});

test("where a platform is recreated, its state keeps keys and ids and forgets what stood on a Docker host", () => {
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
  const token = (AccessorID: string, Description: string, Name: string) => ({
    ...{ AccessorID, Description, CreateTime: "2026-11-25T00:00:00Z", Policies: [{ Name }] },
  });
  const tokens = [
    token("t-known", "rollcall agent", "rollcall-agent"),
    token("t-strange", "rollcall operator", "rollcall-operator"),
    token("t-hand", "somebody's", "rollcall-operator"),
  ];

  test("and no state knows, is removed; what a state knows and what people made stays", async () => {
    const { consul, transport } = fakeConsul({
      "GET /v1/acl/policies": policies,
      "GET /v1/acl/tokens": tokens,
      "GET /v1/query": [],
      "GET /v1/kv/catalog/?keys&separator=/": ["catalog/ai/", "catalog/gone/"],
    });
    const known = new Set(["p-known", "t-known", "catalog/ai/"]);
    const gone = await forgetStrangers(consul, { teams: [], services: [], dynamic: [] }, known);
    expect(transport.calls.filter((call) => !call.startsWith("GET"))).toEqual([
      "DELETE /v1/acl/token/t-strange",
      "DELETE /v1/acl/policy/p-strange",
      "DELETE /v1/kv/catalog/gone/?recurse=true",
    ]);
    expect(gone).toEqual(['the token "rollcall operator"', "the policy rollcall-operator", "KV catalog/gone/"]);
  });
});
