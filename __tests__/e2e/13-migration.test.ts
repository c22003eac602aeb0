import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderNginx } from "../../lib/consul/stand-in";
import { Instance } from "./support/instance";
import { command, docker, type Ended, nameOf, platform, until } from "./support/platform";

/** A real service on a network of its own, which knows nothing of Rollcall, and a platform that joins it there. */
let own: Instance;
let network: string;
let real: string;
let upped: Ended;
let env: Record<string, string>;

beforeAll(async () => {
  own = await Instance.create(`mig${process.pid % 1000}-`);
  [network, real] = [`${own.prefix}staging`, `${own.prefix}real-billing`];
  const label = ["--label", "rollcall=test", "--label", `rollcall.instance=${own.prefix}staging`];
  await docker("network", "create", ...label, network);
  const image = (await docker("inspect", "--format", "{{.Image}}", nameOf("isa-billing"))).trim();
  const config = renderNginx("real-billing", [{ number: 8216, grpc: false }]);
  const script = `printf '%s' '${config}' >/tmp/n.conf; exec /usr/sbin/nginx -e stderr -c /tmp/n.conf`;
  const at = ["--network", network, "--network-alias", "real-billing"];
  await docker("run", "--detach", "--name", real, ...label, ...at, "--entrypoint", "/bin/sh", image, "-c", script);
  const check = "{ kind: http, path: /health, interval: 2s, timeout: 1s }";
  const lines = [
    "team: team-a",
    "services:",
    `  billing_service: { port: 8216, address: real-billing, check: ${check} }`,
  ];
  writeFileSync(join(own.folder, "catalog", "test.yaml"), `${lines.join("\n")}\n`);
  env = { ROLLCALL_NETWORKS: network };
  upped = await own.run("up", env);
});
afterAll(async () => {
  await own.run("down", env);
  // The container and the network that are not the platform's stay until now.
  await docker("rm", "--force", "--volumes", real);
  await docker("network", "rm", network);
  await own.remove();
});

function catalog(args: readonly string[], more: Record<string, string> = {}): Promise<Ended> {
  return command(process.execPath, ["ops/run.mjs", "catalog", ...args], {
    cwd: platform().folder,
    env: { ...own.settings, ...env, ...more },
  });
}

test("a network that is not there is named, and nothing is made", async () => {
  const never = await Instance.create(`nonet${process.pid % 1000}-`);
  const ended = await never.run("up", { ROLLCALL_NETWORKS: "no-such-network" });
  expect(ended).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(
      "ROLLCALL_NETWORKS names no-such-network, and this Docker host has no such network",
    ),
  });
  expect(await never.made()).toEqual([]);
  await never.remove();
});

test("the agent joins the network where the real services run, and checks them by their names there", () => {
  expect(upped).toMatchObject({ code: 0 });
  expect(upped.stdout).toMatch(/team-a +1 of +1 +passing/);
});

test("import writes a catalog that registers what Consul holds", async () => {
  const to = join(own.folder, "imported");
  const from = ["--from", `http://127.0.0.1:${own.httpPort}`];
  await until("the check has told what it asks", 10, async () => {
    const answer = await fetch(`${from[1]}/v1/health/service/billing_service`);
    return (await answer.text()).includes("HTTP GET http://real-billing:8216/health");
  });
  const imported = await catalog(["import", ...from, "--to", to]);
  expect(imported).toMatchObject({ code: 0, stdout: `${join(to, "team-a.yaml")}  1 services\n` });
  const [before, after] = [await catalog(["render"]), await catalog(["render"], { ROLLCALL_CATALOG: to })];
  expect(JSON.parse(after.stdout)).toEqual(JSON.parse(before.stdout));
  const again = await catalog(["import", ...from, "--to", to]);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("is not empty, and nothing is overwritten") });
  expect(readFileSync(join(to, "team-a.yaml"), "utf8")).toContain("address: real-billing");
});

test("import from what is no Consul says so", async () => {
  const to = join(own.folder, "nothing");
  expect(await catalog(["import", "--from", "http://127.0.0.1:9", "--to", to])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("http://127.0.0.1:9 is no Consul that answers"),
  });
});
