import { setTimeout as sleep } from "node:timers/promises";
import type { Discovery } from "../../../discovery/src/discovery.js";

/** Picks about 100 times a second until it is stopped. */
export class Picking {
  private readonly failed: unknown[] = [];
  private picks = 0;
  private isOver = false;
  private readonly ended: Promise<void>;

  constructor(discovery: Discovery, service: string) {
    this.ended = this.run(discovery, service);
  }

  /** Gives how many picks were made, and why those that failed did. */
  async stop(): Promise<{ readonly picks: number; readonly failed: readonly unknown[] }> {
    this.isOver = true;
    await this.ended;
    return { picks: this.picks, failed: this.failed };
  }

  private async run(discovery: Discovery, service: string): Promise<void> {
    while (!this.isOver) {
      await discovery.pick(service).then(
        () => {
          this.picks += 1;
        },
        (error: unknown) => this.failed.push(error),
      );
      // What a failed test did not come to stop must not keep the whole run from ending.
      await sleep(10, undefined, { ref: false });
    }
  }
}
