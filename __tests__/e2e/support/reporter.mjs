// A service that says itself how it is: as well as its database, its cache and its own process are.
import { createServer } from "node:http";
import { createDiscovery, postgresProbe, redisProbe, resourcesProbe } from "/app/discovery/index.js";

createServer((_, answer) => answer.end("ok")).listen(9000);
const discovery = createDiscovery({ onError: (error) => console.error(String(error)) });
const probes = [
  postgresProbe({ host: "ish-database", user: "ish_chat" }),
  redisProbe({ host: "ish-cache" }),
  resourcesProbe({ memory: 101, disk: 101, lagMs: 60_000 }),
];
const worst = ["critical", "warning", "passing"];
discovery.heartbeat(
  "report_service",
  async (signal) => {
    const found = await Promise.all(probes.map((probe) => probe(signal)));
    const status = worst.find((each) => found.some((one) => one.status === each));
    return { status, says: found.map(({ says }) => says).join("; ") };
  },
  { intervalMs: 1000, timeoutMs: 2000 },
);
