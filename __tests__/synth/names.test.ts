import { isPlatformName } from "../../lib/platform-names.js";
import { allContainers } from "./containers.js";
import { synthPlatform } from "./synth-app.js";

const BACKUPS = {
  ROLLCALL_BACKUP_EVERY: "6h",
  ROLLCALL_BACKUP_RECIPIENT: "age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq",
};
const OLD = { ROLLCALL_COEXIST: "on", ROLLCALL_NETWORKS: "old,older" };
/** Its PostgreSQL and Redis checks need the prober. */
const PROBER = { ROLLCALL_CATALOG: "service-catalog/examples/ish-chat" };

test.each<[string, Readonly<Record<string, string>>]>([
  ["the defaults", {}],
  ["one server", { ROLLCALL_SERVERS: "1", ROLLCALL_WORKLOADS: "off" }],
  ["all that there is", { ...BACKUPS, ...OLD, ...PROBER, ROLLCALL_SERVERS: "5", ROLLCALL_PREFIX: "t1-" }],
])("with %s, each name of the control plane is reserved, and no stand-in's", (_, env) => {
  const platform = synthPlatform(env);
  const { prefix } = platform.settings;
  const namesOf = (isStandIn: boolean) =>
    allContainers(platform)
      .filter(({ stack }) => (stack === "workloads") === isStandIn)
      .flatMap(({ name, hostname = name, networks_advanced }) => {
        expect(name.startsWith(prefix)).toBe(true);
        // An image's id is known to Terraform alone.
        const known = (text: string) => text.replace(prefix, "").replace(/\$\{.*\}$/, "0123456789ab");
        return [known(name), known(hostname), ...networks_advanced.flatMap((one) => one.aliases)];
      });
  expect(namesOf(false)).toEqual(expect.arrayContaining(["consul-agent-shared", "consul-server-1-tokens-secrets"]));
  expect(namesOf(false).filter((name) => !isPlatformName(name))).toEqual([]);
  expect(namesOf(true).filter((name) => isPlatformName(name))).toEqual([]);
  if (prefix !== "")
    expect(namesOf(false)).toEqual(
      expect.arrayContaining(["consul-backup", "consul-legacy", "consul-prober", "consul-server-5", "staging-consul"]),
    );
});

test("a service may have a name that only resembles one of the platform's", () => {
  for (const name of ["consul", "consul-ui-2", "my-consul-ui", "consul-server", "consul-server-1a", "consul-dashboard"])
    expect([name, isPlatformName(name)]).toEqual([name, false]);
  expect(isPlatformName("t1-consul-ui")).toBe(false);
  expect(isPlatformName("t1-consul-ui", "t1-")).toBe(true);
});
