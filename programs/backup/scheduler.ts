import { createServer } from "node:http";
import { join } from "node:path";
import { packArchive } from "../../lib/backup/archive.js";
import { backupsIn, nameOfBackup, removeOldest, writeWhole } from "../../lib/backup/backup-files.js";
import { encryptTo } from "../../lib/backup/encryption.js";
import type { Schedule } from "../../lib/backup/schedule.js";
import { checkSnapshot } from "../../lib/backup/snapshot-file.js";
import { fetchSnapshot } from "./fetch-snapshot.js";

/** After a failure, until it is tried again; never later than the next one is due. */
const RETRY_SECONDS = 60;

/** Makes backups for ever, and counts what comes of it. */
export class Scheduler {
  private failures = 0;
  private readonly started = Date.now();

  constructor(private readonly schedule: Schedule) {}

  /** Makes one when it is due, and never again before: a restart makes none too many. */
  run(): void {
    const { everySeconds } = this.schedule;
    const last = this.lastSuccess();
    const due = last === undefined ? 0 : last.getTime() + everySeconds * 1000 - Date.now();
    // Node's timers end at 24.8 days: looked at again after a day.
    if (due > 0) setTimeout(() => this.run(), Math.min(due, 86_400_000));
    else
      this.makeOne().then(
        (line) => {
          console.log(line);
          this.run();
        },
        (error: unknown) => {
          this.failures += 1;
          console.error(`no backup was made: ${error instanceof Error ? error.message : error}`);
          setTimeout(() => this.run(), Math.min(everySeconds, RETRY_SECONDS) * 1000);
        },
      );
  }

  /** @returns what was written @throws Error that says why nothing was */
  async makeOne(): Promise<string> {
    const { recipients, folder, instance, datacenter, keep } = this.schedule;
    const time = new Date();
    const snapshot = await fetchSnapshot(this.schedule);
    const { index } = await checkSnapshot(snapshot);
    const manifest = { format: 1 as const, time: time.toISOString(), instance, datacenter, index };
    const name = nameOfBackup(instance, time);
    writeWhole(folder, name, await encryptTo(recipients, await packArchive({ manifest, snapshot, states: new Map() })));
    removeOldest(folder, instance, keep);
    return `${join(folder, name)}: index ${index}`;
  }

  /** Whether two in a row did not fail. */
  isHealthy(): boolean {
    const last = this.lastSuccess()?.getTime() ?? this.started;
    return Date.now() - last < 2 * this.schedule.everySeconds * 1000;
  }

  /** For Prometheus. `time() - rollcall_backup_last_success_timestamp_seconds` is the age of the last one. */
  metrics(): string {
    const backups = backupsIn(this.schedule.folder, this.schedule.instance);
    const values = {
      rollcall_backup_last_success_timestamp_seconds: (backups[0]?.time.getTime() ?? 0) / 1000,
      rollcall_backup_last_size_bytes: backups[0]?.size ?? 0,
      rollcall_backup_interval_seconds: this.schedule.everySeconds,
      rollcall_backup_kept: backups.length,
      rollcall_backup_failures_total: this.failures,
    };
    return Object.entries(values)
      .map(([name, value]) => `# TYPE ${name} ${name.endsWith("_total") ? "counter" : "gauge"}\n${name} ${value}\n`)
      .join("");
  }

  private lastSuccess(): Date | undefined {
    return backupsIn(this.schedule.folder, this.schedule.instance)[0]?.time;
  }
}

/** Answers `/metrics` and `/health` (503 when two backups in a row failed). */
export function serve(scheduler: Scheduler, port: number) {
  const server = createServer(({ url }, answer) => {
    if (url === "/metrics") answer.setHeader("Content-Type", "text/plain; version=0.0.4").end(scheduler.metrics());
    else if (url === "/health") answer.writeHead(scheduler.isHealthy() ? 200 : 503).end();
    else answer.writeHead(404).end();
  });
  server.listen(port);
  return server;
}
