/**
 * @needs clone
 * @areas lib/consul/acl/acl-grants.ts lib/consul/acl/acl-grant.ts lib/consul/acl/acl-rules.ts lib/settings.ts
 *   stacks/access-stack.ts
 * @seconds 100
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BY_SETTING, DEEDS, OWN_NODE, type Who } from "./support/deeds.js";
import { Instance } from "./support/instance.js";
import { Matrix } from "./support/matrix.js";
import { docker } from "./support/platform.js";

const tokens = new Map<Who, string | undefined>();
/** A platform with a scheduled backup, and a door for services that know no token. */
let own: Instance;
let network: string;
let settings: Record<string, string>;
let matrix: Matrix;

beforeAll(async () => {
  own = await Instance.create(`acc${process.pid % 1000}-`);
  network = `${own.prefix}old`;
  await docker("network", "create", network);
  const catalog = join(own.folder, "declared");
  mkdirSync(catalog);
  const check = "{ kind: none, reason: nothing runs here }";
  const billing = `  billing_service: { port: 8216, address: isa-billing, check: ${check} }`;
  writeFileSync(join(catalog, "user.yaml"), `team: user-platform\nservices:\n${billing}\n`);
  settings = {
    ROLLCALL_CATALOG: catalog,
    ROLLCALL_COEXIST: "on",
    ROLLCALL_NETWORKS: network,
    ...(await own.backups(own.folder)),
    ROLLCALL_BACKUP_EVERY: "1h",
  };
  await own.done("up", [], settings);
  // They are given out nowhere: they stand where their holders read them.
  const read = (container: string, file: string) =>
    docker("exec", `${own.prefix}${container}`, "cat", `/rollcall/secrets/${file}`);
  tokens.set("legacy", /X-Consul-Token "([0-9a-f-]{36})"/.exec(await read("consul-legacy", "token.conf"))?.[1]);
  tokens.set("backup", (await read("consul-backup", "backup.token")).trim());
  tokens.set("management", await own.token("management", settings));
  matrix = new Matrix(tokens, { agent: `${own.prefix}${OWN_NODE}`, httpPort: own.httpPort });
  await matrix.prepare();
});

afterAll(async () => {
  await own.down(settings);
  await own.remove();
  await docker("network", "rm", network);
});

test("the tokens that a setting adds are there, each another", () => {
  for (const who of BY_SETTING) expect(tokens.get(who)).toMatch(/^[0-9a-f-]{36}$/);
  expect(new Set(tokens.values()).size).toBe(tokens.size);
});

test.each(DEEDS.map((deed) => [deed.does, deed] as const))("who may do what, by setting: %s", async (_, deed) => {
  expect(await matrix.tried(deed)).toEqual(matrix.expected(deed));
});
