/**
 * @needs clone
 * @areas lib/consul/monitoring lib/monitoring stacks/monitoring-stack.ts lib/consul/gateway/gateway-pages.ts
 *   lib/consul/gateway/pages programs/monitor/alerts.ts
 * @seconds 560
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DASHBOARDS } from "../../lib/monitoring/dashboards/all-dashboards.js";
import { FOREIGN_METRICS } from "../../lib/monitoring/foreign-metrics.js";
import { Hook } from "./support/hook.js";
import { docker, measured, until } from "./support/platform.js";
import { CATALOG, SERVICES, Watched } from "./support/watched.js";

const targets = z.object({
  data: z.object({
    activeTargets: z.array(z.object({ labels: z.record(z.string(), z.string()), health: z.string() })),
  }),
});

/**
 * Where all is well nothing is ill; no stand-in counts its requests; no backup is scheduled here; and Consul KV has not changed
 * since the monitor started.
 */
const NOTHING_TO_TELL: readonly string[] = [
  ...["Which services are not well, and why?", "Which services fail probes?"],
  ...["How many requests does each team serve?", "Which share of each team's requests fails?"],
  ...["How many requests does it serve?", "Which share of them fails?", "How long do they take?"],
  ...["How old is the last backup?", "When did the catalog last change?"],
];

let platform: Watched;
let hook: Hook;
const named = (name: string) => platform.named(name);

beforeAll(async () => {
  platform = await Watched.create(`mon${process.pid % 1000}-`);
  hook = new Hook(named("hook"));
  const { folder } = platform.own;
  writeFileSync(join(folder, "hook.url"), `${hook.url}\n`);
  writeFileSync(
    join(folder, "receivers.yaml"),
    "receivers: { hook: { webhook: { url_file: hook.url } } }\npage: [hook]\nteams: { payments: { ticket: [hook] } }\n",
  );
});

afterAll(async () => {
  await hook.remove();
  await platform.remove();
});

describe("monitoring on", () => {
  test("is switched on while the platform runs: nothing that services need is replaced, and none stops passing", async () => {
    await platform.untilAllPass();
    const kept = ["consul-server-1", "consul-agent-shared", "consul-registrar", "consul-ui", "consul-monitor"];
    const ids = () => docker("inspect", "--format", "{{.Id}}", ...kept.map(named));
    const before = await ids();
    await platform.watch({ ROLLCALL_RECEIVERS: join(platform.own.folder, "receivers.yaml") });
    expect(await ids()).toBe(before);
    expect(await platform.passing()).toEqual(SERVICES);
    await hook.start(named("consul-monitor"), named("rollcall-control"));
  });

  test("scrapes the servers, the agent, the programs, each check of each service, and what services say themselves", async () => {
    const scraped = await until("everything is scraped", 60, async () => {
      const { body } = await platform.page("/prometheus/api/v1/targets?state=active");
      const { activeTargets } = targets.parse(JSON.parse(body)).data;
      return activeTargets.every(({ health }) => health !== "unknown") && activeTargets;
    });
    const count = (job: string) => scraped.filter(({ labels }) => labels.job === job).map(({ health }) => health);
    expect(count("consul-server")).toEqual(["up", "up", "up"]);
    expect(count("consul-agent")).toEqual(["up"]);
    expect(count("rollcall")).toEqual(["up", "up"]);
    expect(count("rollcall-probes")).toEqual(["up", "up", "up", "up"]);
    // The stand-in's page is no page of metrics: it was asked, and that is what counts here.
    expect(count("rollcall-applications")).toHaveLength(1);
    const { body } = await platform.page("/prometheus/api/v1/query?query=count(probe_success==1)");
    expect(JSON.parse(body).data.result[0].value[1]).toBe("4");
  });

  test("has every series of Prometheus, Alertmanager and the blackbox exporter that a rule or a panel names", async () => {
    const { prometheus, alertmanager, blackbox } = FOREIGN_METRICS;
    for (const name of [...prometheus, ...alertmanager, ...blackbox]) {
      const { body } = await platform.page(`/prometheus/api/v1/query?query=count(${name})`);
      expect([name, JSON.parse(body).data.result.length]).toEqual([name, 1]);
    }
  });

  test("no application reaches what asks for others, by any address, and Prometheus reaches no application", async () => {
    const addresses = await docker(
      ...["inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}"],
      ...["consul-prometheus", "consul-alertmanager", "consul-blackbox", "consul-application-metrics"].map(named),
    );
    const doors = addresses
      .trim()
      .split(/\s+/)
      .flatMap((address) => [9090, 9093, 9115, 8080].map((port) => `${address}:${port}`));
    const knock = (door: string) => `busybox nc -w 1 ${door.replace(":", " ")} </dev/null && echo ${door}`;
    const script = `${doors.map(knock).join("; ")}; true`;
    expect(await docker("exec", named("isa-mail"), "/bin/sh", "-c", script)).toBe("");
    // The same knock opens where the door is meant for it.
    const opened = await docker("exec", named("consul-prometheus"), "/bin/sh", "-c", script);
    expect(opened.trim().split("\n").length).toBeGreaterThanOrEqual(4);
    expect(
      await docker(
        "exec",
        named("consul-prometheus"),
        "/bin/sh",
        "-c",
        "busybox nslookup isa-mail >/dev/null 2>&1 && echo found; true",
      ),
    ).toBe("");
  });

  test("shows its pages to the operator, by HTTPS, and to nobody else", async () => {
    const bare = await fetch(`http://127.0.0.1:${platform.own.httpPort}/prometheus`, { redirect: "manual" });
    expect([bare.status, bare.headers.get("location")]).toEqual([308, "/prometheus/"]);
    const paths = ["/prometheus/api/v1/query?query=up", "/alertmanager/api/v2/status"];
    const others = ["", "operator:", "operator:00000000-0000-0000-0000-000000000000", `admin:${platform.operator}`];
    const management = await platform.own.token("management", platform.on);
    for (const path of paths) {
      expect((await platform.page(path)).status).toBe(200);
      for (const user of [...others, `operator:${management}`])
        expect((await platform.page(path, user)).status).toBe(401);
      const plain = await fetch(`http://127.0.0.1:${platform.own.httpPort}${path}`, {
        headers: { authorization: `Basic ${Buffer.from(`operator:${platform.operator}`).toString("base64")}` },
      });
      expect(plain.status).toBe(404);
    }
    expect((await platform.page("/alertmanager/")).body).toContain("<title>Alertmanager</title>");
    const { status, body } = await platform.page("/prometheus/consoles/alerts.html");
    expect([status, body.replace(/\s+/g, " ")]).toEqual([200, expect.stringContaining("✔ None of 4.")]);
  });

  test("each team's pages and tickets have a way of their own, as amtool reads the routes", async () => {
    const config = "--config.file=/rollcall/config/alertmanager.yml";
    const amtool = (...words: readonly string[]) =>
      docker("exec", named("consul-alertmanager"), "/bin/amtool", ...words);
    const route = async (...labels: readonly string[]) =>
      (await amtool("config", "routes", "test", config, ...labels)).trim();
    expect(await amtool("check-config", "/rollcall/config/alertmanager.yml")).toContain("SUCCESS");
    expect(await route("team=payments", "severity=page", "scope=service")).toBe("payments-page");
    expect(await route("team=payments", "severity=ticket", "scope=service")).toBe("payments-ticket");
    expect(await route("severity=page", "scope=platform")).toBe("platform-page");
    expect(await route("severity=ticket", "scope=cluster")).toBe("platform-ticket");
    expect(await route("alertname=Watchdog", "severity=none")).toBe("dead-mans-switch");
  });
});

describe("people are told", () => {
  afterEach(async () => {
    for (const name of ["consul-agent-shared", "isa-billing", "isa-mail"]) await docker("start", named(name));
  });

  test("of nothing while up replaces all servers", async () => {
    await platform.untilAllPass();
    const before = await platform.seq();
    await platform.watch({ ROLLCALL_RAFT_MULTIPLIER: "2" });
    await platform.untilAllPass();
    // Alerts of the platform's own parts are silenced meanwhile, and a minute after: what comes then would be told.
    await until("nothing is silenced any more", 120, async () =>
      (await platform.own.done("silence", ["--list"], platform.on)).startsWith("Nothing is silenced"),
    );
    expect(await platform.pagesAfter(before)).toEqual([]);
    const { body } = await platform.page(
      "/prometheus/api/v1/query?query=time()-rollcall_alerting_last_heard_timestamp_seconds",
    );
    expect(Number(JSON.parse(body).data.result[0].value[1])).toBeLessThan(150);
  }, 600_000);

  test("of a service that stops, within a minute, for as long as it is away, and that it is back within two", async () => {
    await platform.untilAllPass();
    const before = await platform.seq();
    await docker("stop", named("isa-billing"));
    const stopped = Date.now();
    measured(
      "from the stop to the page",
      await platform.untilTold("firing ServiceDown billing payments-page", before, 60),
      60,
    );
    // Consul drops it after 90 s: it is away all the same, and whoever counts what is registered would say that all is well.
    await until("Consul has dropped it", 150, async () => Date.now() - stopped > 150_000);
    expect(await platform.pagesAfter(before)).toEqual(["firing ServiceDown billing payments-page"]);
    await docker("start", named("isa-billing"));
    const ended = await platform.untilTold("resolved ServiceDown billing payments-page", before, 120);
    // Somebody's webhook heard the same, by the address that stands in a file.
    expect(await hook.heard()).toEqual(["/secret-path firing ServiceDown", "/secret-path resolved ServiceDown"]);
    measured("from the start to the all-clear", ended, 120);
  }, 900_000);

  test("of nothing that is silenced, and at once when the silence ends", async () => {
    await platform.untilAllPass();
    const before = await platform.seq();
    const said = await platform.own.done("silence", ["mail", "1h", "moving", "it"], platform.on);
    await docker("stop", named("isa-mail"));
    const alerts = await until("the alert fires", 60, async () => {
      // It fires, and nobody is told: exit code 0.
      const listed = z.array(z.object({ alert: z.string(), service: z.string().nullable(), silenced: z.boolean() }));
      const found = listed.parse(JSON.parse(await platform.own.done("alerts", ["--json"], platform.on)));
      return found.length > 0 && found;
    });
    expect(alerts).toEqual([expect.objectContaining({ alert: "ServiceDown", service: "mail", silenced: true })]);
    expect(await platform.own.done("silence", ["--list"], platform.on)).toMatch(
      /^service=mail {2}until .*: moving it {2}\(/,
    );
    expect(await platform.toldAfter(before)).toEqual([]);
    const [, id = ""] = /--end (\S+)/.exec(said) ?? [];
    await platform.own.done("silence", ["--end", id], platform.on);
    await platform.untilTold("firing ServiceDown mail payments-page", before, 90);
    const { code, stdout } = await platform.own.run("alerts", platform.on);
    expect([code, stdout]).toEqual([1, expect.stringContaining("mail is down (ServiceDown, since ")]);
    await docker("start", named("isa-mail"));
    await platform.untilTold("resolved ServiceDown mail payments-page", before, 120);
  }, 900_000);

  test("once that the agent is lost, and not of each service", async () => {
    await platform.untilAllPass();
    const before = await platform.seq();
    await docker("kill", named("consul-agent-shared"));
    const seconds = await platform.untilTold("firing AgentDown platform-page", before, 60);
    measured("from the kill of the agent to the page", seconds, 60);
    await docker("start", named("consul-agent-shared"));
    await platform.untilTold("resolved AgentDown platform-page", before, 120);
    await platform.untilAllPass();
    // Tickets may say that services came and went, as they did in this file.
    expect(await platform.pagesAfter(before)).toEqual(["firing AgentDown platform-page"]);
  }, 900_000);

  test("of a changed catalog's services, without a restart of anything", async () => {
    const started = () =>
      docker(
        "inspect",
        "--format",
        "{{.State.StartedAt}}",
        ...["consul-prometheus", "consul-alertmanager", "consul-blackbox"].map(named),
      );
    const before = await started();
    writeFileSync(
      join(platform.own.folder, "catalog", "test.yaml"),
      CATALOG.replace("alert: ticket", "latency: 300ms"),
    );
    await platform.watch();
    await until("the rules know vault's new limit", 30, async () => {
      const { body } = await platform.page("/prometheus/api/v1/query?query=rollcall:service_latency_limit:seconds");
      return JSON.parse(body).data.result.length === 1;
    });
    expect(await started()).toBe(before);
  });
});

test("every panel of every dashboard has an answer, but where there is nothing to tell", async () => {
  const asked = DASHBOARDS.flatMap(({ rows }) => rows.flatMap(({ panels }) => panels));
  const isAnswered = async (expr: string) => {
    const query = encodeURIComponent(expr.replaceAll("$team", "payments").replaceAll("$service", "ledger"));
    const { status, body } = await platform.page(`/prometheus/api/v1/query?query=${query}`);
    expect([expr, status]).toEqual([expr, 200]);
    return JSON.parse(body).data.result.length > 0;
  };
  const unanswered: string[] = [];
  for (const { title, queries } of asked) {
    const answers = await Promise.all(queries.map(({ expr }) => isAnswered(expr)));
    if (!answers.includes(true)) unanswered.push(title);
  }
  expect(unanswered.filter((title) => !NOTHING_TO_TELL.includes(title))).toEqual([]);
});

test("monitoring off takes it away, and leaves everything else as it is", async () => {
  await platform.watch({ ROLLCALL_MONITORING: "off", ROLLCALL_RECEIVERS: "none" });
  const left = await docker(
    "ps",
    "--all",
    "--format",
    "{{.Names}}",
    "--filter",
    `name=^${platform.own.prefix}consul-(prometheus|alertmanager|blackbox|application)`,
  );
  expect(left).toBe("");
  expect((await docker("network", "ls", "--format", "{{.Name}}")).split("\n")).not.toContain(
    named("rollcall-monitoring"),
  );
  expect(await platform.passing()).toEqual(SERVICES);
  const { status, body } = await platform.page("/prometheus/");
  expect([status, body]).toEqual([404, "Monitoring is off: monitoring: on brings it.\n"]);
});
