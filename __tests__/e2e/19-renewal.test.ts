/**
 * @needs clone
 * @areas ops/consul/certificates.ts lib/consul/tls/certificate-authority.ts lib/consul/scripts/take-anew.sh
 * @seconds 100
 * @command test:all
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AIMS } from "../../bench/aims.js";
import { served } from "../../ops/verbs/rotate/certificates.js";
import { Instance } from "./support/instance.js";
import { command, docker, platform, until } from "./support/platform.js";
import { call, Repeater } from "./support/poll.js";
import { underLoad } from "./support/under-load.js";

const HOLDERS = ["consul-server-1", "consul-agent-shared", "consul-ui"] as const;
const A_YEAR = "validityPeriodHours: 365 * HOUR_PER_DAY";
const SOURCE = join(platform().folder, "lib", "consul", "certificate-authority.ts");
const written = readFileSync(SOURCE, "utf8");
/** A platform whose certificates are in their last 30 days from their first moment on. */
let soon: Instance;

const serials = () => Promise.all(HOLDERS.map(async (name) => (await served(soon.prefix, name)).serialNumber));
const started = () =>
  docker("inspect", "--format", "{{.State.StartedAt}}", ...HOLDERS.map((name) => soon.prefix + name));

/** The command of docs/production.md that tells of certificates which end within 30 days; gives their names. */
async function alarm(): Promise<{ readonly code: number; readonly names: readonly string[] }> {
  const text = readFileSync(join(platform().folder, "docs", "production.md"), "utf8");
  const [, script = "exit 9"] = /^```sh\n(npx rollcall status --json \| node [\s\S]+?)^```$/m.exec(text) ?? [];
  const { code, stdout } = await command("sh", ["-c", script], { cwd: platform().folder, env: soon.settings });
  return { code, names: [...stdout.matchAll(/^(\S+) ends in \d+ days$/gm)].map(([, name = ""]) => name).sort() };
}

/** Seconds that the certificate of the server is still good for, as Consul says it to Prometheus. */
async function expiryMetric(): Promise<number> {
  const metrics = await call("/v1/agent/metrics?format=prometheus", {
    ...{ token: await soon.token("metrics"), port: soon.httpPort },
  });
  return Number(/^consul_agent_tls_cert_expiry (\S+)$/m.exec(metrics)?.[1]);
}

beforeAll(async () => {
  if (!written.includes(A_YEAR)) throw new Error(`${SOURCE} does not say ${A_YEAR}`);
  writeFileSync(SOURCE, written.replace(A_YEAR, "validityPeriodHours: 29 * HOUR_PER_DAY"));
  soon = await Instance.create(`soon${process.pid % 1000}-`);
  expect(await soon.run("up")).toMatchObject({ code: 0 });
});

afterEach(() => Repeater.stopAll());

afterAll(async () => {
  writeFileSync(SOURCE, written);
  await soon?.remove();
});

test("certificates in their last 30 days are noted by status, and the next up renews them while everything runs", async () => {
  const status = await soon.run("status");
  for (const name of ["server-1", "agent", "gateway"])
    expect(status.stdout).toMatch(new RegExp(`the certificate ${name} ends in 2[89] days`));
  expect(await alarm()).toEqual({ code: 1, names: ["agent", "gateway", "server-1"] });
  const expiry = await expiryMetric();
  expect({ expiry, isIn29Days: expiry > 28 * 86_400 && expiry <= 29 * 86_400 }).toMatchObject({ isIn29Days: true });
  const [before, startedBefore] = [await serials(), await started()];
  const aim = AIMS.renewal.seconds;
  const traffic = { token: await soon.token("management"), keys: "e2e-renewal/", aim: aim.writes, at: soon };
  const { refused, failed } = await underLoad("certificates renewed", traffic, async () => {
    expect(await soon.done("up")).toContain("stacks changed");
    const areNew = async () => (await serials()).every((serial) => !before.includes(serial));
    await until("each shows its new one", aim.shown, areNew);
  });
  expect({ refused, failed }).toEqual({ refused: 0, failed: 0 });
  expect(await started()).toBe(startedBefore);
});
