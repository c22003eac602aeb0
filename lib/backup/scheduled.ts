// The program of the container `consul-backup`, which is carried there as one file (lib/consul/backup-program.ts):
// node backup.mjs SCHEDULE.json PORT
import { readFileSync } from "node:fs";
import { Scheduler, serve } from "./schedule";

const [, , file = "", port = ""] = process.argv;
const scheduler = new Scheduler(JSON.parse(readFileSync(file, "utf8")));
serve(scheduler, Number(port));
scheduler.run();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));
