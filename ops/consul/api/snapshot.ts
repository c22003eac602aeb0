import type { ConsulCalls } from "./calls.js";
import type { ConsulResponse } from "./transport.js";

const PATH = "/v1/snapshot";
/** As long as the gateway gives a snapshot. */
const TIMEOUT_MS = 300_000;
const ATTEMPTS = 20;

/** `/v1/snapshot`: everything that Consul holds, at one moment. */
export class SnapshotApi {
  constructor(private readonly calls: ConsulCalls) {}

  /** @throws UserError where no server gives it */
  async take(): Promise<Buffer> {
    for (let attempt = 1; ; attempt++) {
      const accepts = (response: ConsulResponse) => attempt < ATTEMPTS && isBrokenOff(response);
      const { status, body } = await this.calls.send("GET", PATH, { timeoutMs: TIMEOUT_MS, accepts });
      if (status === 200) return body;
    }
  }

  /** Puts a snapshot in the place of everything that Consul holds. */
  async restore(snapshot: Uint8Array): Promise<void> {
    await this.calls.send("PUT", PATH, { body: snapshot, timeoutMs: TIMEOUT_MS });
  }
}

/** A follower hands it on from the leader, which closes a short one before it is read: Consul 1.22.5, every other time. */
function isBrokenOff({ status, body }: ConsulResponse): boolean {
  return status === 500 && body.includes("connection reset by peer");
}
