// The container `consul-monitor`: compares what is declared with what Consul has, writes down what changes, and answers
// /metrics, /events and /health. It takes what Alertmanager tells, too. It writes nothing to Consul.
import { readFileSync } from "node:fs";
import { Alerts } from "./alerts.js";
import { readConfig } from "./config.js";
import { exposition } from "./expose.js";
import { History } from "./history.js";
import { Monitor } from "./monitor.js";
import { OutsideWatch } from "./outside-watch.js";
import { monitorServer } from "./server.js";
import { Servers } from "./servers.js";
import { Watch } from "./watch.js";

const [, , file, port = ""] = process.argv;
if (file === undefined || !/^\d+$/.test(port)) {
  console.error("usage: node monitor.mjs MONITOR.json PORT");
  process.exit(2);
}
const config = readConfig(readFileSync(file, "utf8"));
const servers = new Servers(config);
const history = new History(config.folder);
const log = (line: string) => console.log(line.slice(0, 400));
const monitor = new Monitor(config.folder, history, log);
const alerts = new Alerts(history, log);
const outside = new OutsideWatch(config, servers);
const { node, facts } = config;
const metrics = () =>
  exposition({
    ...monitor.known(),
    alertingHeard: alerts.lastHeard,
    ...{ outside: outside.now, node, services: facts.services, residentBytes: process.memoryUsage.rss() },
  });
monitorServer({ metrics, fault: () => monitor.fault, blindness: () => monitor.blindness, history, alerts }).listen(
  Number(port),
);
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    monitor.save();
    process.exit(0);
  });
setInterval(() => monitor.look(), 1000);
new Watch(config, servers, monitor).run();
outside.run();
