// The container `consul-backup`: makes a backup every so often, and answers /metrics and /health.
import { readFileSync } from "node:fs";
import { Scheduler, serve } from "./scheduler.js";

const [, , file, port] = process.argv;
if (file === undefined || !/^\d+$/.test(port ?? "")) {
  console.error("usage: node backup.mjs SCHEDULE.json PORT");
  process.exit(2);
}
const scheduler = new Scheduler(JSON.parse(readFileSync(file, "utf8")));
serve(scheduler, Number(port));
scheduler.run();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));
