/**
 * @needs clone
 * @areas lib/consul/monitoring lib/monitoring ops/alertmanager
 * @seconds 1500
 * @command test:all
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Hook } from "./support/hook.js";
import { docker, until } from "./support/platform.js";
import { Watched } from "./support/watched.js";

const SERVERS = ["consul-server-1", "consul-server-2", "consul-server-3"];

let platform: Watched;
let hook: Hook;
const named = (name: string) => platform.named(name);

beforeAll(async () => {
  platform = await Watched.create(`long${process.pid % 1000}-`);
  hook = new Hook(named("hook"));
  const { folder } = platform.own;
  writeFileSync(join(folder, "hook.url"), `${hook.url}\n`);
  writeFileSync(
    join(folder, "receivers.yaml"),
    "receivers: { hook: { webhook: { url_file: hook.url } } }\npage: [hook]\n",
  );
  await platform.watch({ ROLLCALL_RECEIVERS: join(folder, "receivers.yaml") });
  await hook.start(named("consul-monitor"), named("rollcall-control"));
});

afterAll(async () => {
  await hook.remove();
  await platform.remove();
});

/** Lets so many seconds go by: what is shown is that nothing comes. */
async function go(seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1000;
  await until(`${seconds} s have gone by`, seconds, async () => Date.now() >= end);
}

/** The name of the server that leads. */
async function leader(): Promise<string> {
  const found = await until("somebody leads", 30, async () => {
    const body = JSON.parse((await platform.page("/prometheus/api/v1/query?query=rollcall_consul_leader==1")).body);
    return body.data.result[0]?.metric.server as string | undefined;
  });
  return found;
}

test("nobody is told of anything in ten healthy minutes, with tokens exchanged and a backup made", async () => {
  await platform.untilAllPass();
  const before = await platform.seq();
  await platform.own.done("rotate", ["tokens"], platform.on);
  await platform.own.done("backup", [], { ...platform.on, ...(await platform.own.backups(platform.own.folder)) });
  await go(600);
  expect(await platform.toldAfter(before)).toEqual([]);
}, 1_800_000);

test("once of a server that is killed, and that it is back", async () => {
  const before = await platform.seq();
  const lead = await leader();
  const follower = SERVERS.find((server) => server !== lead) ?? "";
  await docker("kill", named(follower));
  await platform.untilTold("firing ServerDown platform-page", before, 120);
  await go(60);
  expect(await platform.pagesAfter(before)).toEqual(["firing ServerDown platform-page"]);
  await docker("start", named(follower));
  await platform.untilTold("resolved ServerDown platform-page", before, 180);
}, 1_200_000);

test("of nothing when the leader is lost and another one leads in time", async () => {
  const before = await platform.seq();
  await docker("restart", "--time", "0", named(await leader()));
  await go(120);
  expect(await platform.pagesAfter(before)).toEqual([]);
}, 600_000);

test("that nobody can see, and not of each service, while Consul cannot be reached", async () => {
  const before = await platform.seq();
  for (const server of SERVERS) await docker("network", "disconnect", named("rollcall-control"), named(server));
  await platform.untilTold("firing PlatformBlind platform-page", before, 180);
  await platform.own.done("up", ["--yes"], platform.on);
  await platform.untilTold("resolved PlatformBlind platform-page", before, 240);
  await platform.untilAllPass();
  const services = (await platform.pagesAfter(before)).filter((one) => one.includes("Service"));
  expect(services).toEqual([]);
}, 1_800_000);

test("once, where Alertmanager is restarted during an outage, and all of it where a receiver was away meanwhile", async () => {
  await platform.untilAllPass();
  const before = await platform.seq();
  await docker("stop", hook.name);
  await docker("stop", named("isa-billing"));
  await platform.untilTold("firing ServiceDown billing payments-page", before, 90);
  await docker("restart", named("consul-alertmanager"));
  await go(60);
  expect(await platform.pagesAfter(before)).toEqual(["firing ServiceDown billing payments-page"]);
  await docker("start", hook.name);
  await until("the receiver has heard what it missed", 120, async () =>
    (await hook.heard()).includes("/secret-path firing ServiceDown"),
  );
  await docker("start", named("isa-billing"));
  await platform.untilTold("resolved ServiceDown billing payments-page", before, 150);
}, 1_200_000);

test("two platforms on one host: neither silences the other", async () => {
  const other = await Watched.create(`oth${process.pid % 1000}-`);
  try {
    await other.watch();
    await other.untilAllPass();
    const [before, beforeOther] = [await platform.seq(), await other.seq()];
    await platform.own.done("silence", ["billing", "1h", "a trial"], platform.on);
    for (const each of [platform, other]) await docker("stop", each.named("isa-billing"));
    await other.untilTold("firing ServiceDown billing payments-page", beforeOther, 90);
    await docker("kill", platform.named("consul-agent-shared"));
    await platform.untilTold("firing AgentDown platform-page", before, 90);
    expect(await platform.toldAfter(before)).toEqual(["firing AgentDown platform-page"]);
    expect(await other.toldAfter(beforeOther)).toEqual(["firing ServiceDown billing payments-page"]);
  } finally {
    for (const name of ["consul-agent-shared", "isa-billing"]) await docker("start", named(name));
    await other.remove();
  }
}, 1_200_000);

test("receivers that are wrong are refused with a sentence, and nothing is changed", async () => {
  const file = join(platform.own.folder, "wrong.yaml");
  writeFileSync(file, "receivers: { hook: { webhook: { url: http://example.com/secret } } }\npage: [hook]\n");
  const { code, stderr } = await platform.own.run("up", { ...platform.on, ROLLCALL_RECEIVERS: file });
  expect(code).toBe(1);
  expect(stderr).toContain("No secret may stand here: write it into a file, and its path as url_file.");
  expect(stderr).not.toContain("example.com/secret");
});
