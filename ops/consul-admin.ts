import type { Settings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import { adminDoor } from "./admin-door";
import { type Answer, consulAnswer, type Door, toldBy, unreachable } from "./consul-request";
import type { Terraform } from "./terraform";
import { waitUntil } from "./wait-until";

/** As long as the gateway gives a snapshot. */
const TIMEOUT_MS = 300_000;

const SNAPSHOT_ATTEMPTS = 20;

/** Consul's API with the management token, through the gateway, over TLS that is verified. */
export class ConsulAdmin {
  constructor(private readonly door: Door) {}

  /** Any call; throws where there is no answer at all. */
  ask(method: "GET" | "PUT" | "DELETE", path: string, body?: Uint8Array): Promise<Answer> {
    return consulAnswer(this.door, { method, path, body, timeoutMs: TIMEOUT_MS });
  }

  /** @throws UserError unless the answer is 200 */
  async call(method: "GET" | "PUT" | "DELETE", path: string, body?: Uint8Array): Promise<Buffer> {
    const { status, body: answer } = await this.ask(method, path, body);
    if (status !== 200) throw unreachable(toldBy(path, status, answer));
    return answer;
  }

  async json(path: string): Promise<unknown> {
    return JSON.parse((await this.call("GET", path)).toString());
  }

  /** Everything that Consul holds, at one moment. @throws UserError where no server gives it */
  async snapshot(): Promise<Buffer> {
    for (let attempt = 1; ; attempt++) {
      const { status, body } = await this.ask("GET", "/v1/snapshot");
      if (status === 200) return body;
      // A follower hands it on from the leader, which closes a short one before it is read: Consul 1.22.5, every other time.
      const isBrokenOff = status === 500 && body.includes("connection reset by peer");
      if (!isBrokenOff || attempt === SNAPSHOT_ATTEMPTS) throw unreachable(toldBy("/v1/snapshot", status, body));
    }
  }

  /** Waits until there is a leader that takes this token. @throws UserError after so many seconds */
  async untilReady(seconds: number): Promise<void> {
    const missing = async () => {
      const last = await this.ask("GET", "/v1/acl/token/self").catch((error: unknown) => error);
      return last instanceof Object && "status" in last && last.status === 200 ? "" : "a leader";
    };
    await waitUntil(
      seconds,
      missing,
      () =>
        new UserError(
          `Consul has no leader that takes the management token after ${seconds} s`,
          "`npm run verify` and `docker logs` of the servers tell more. `npm run up` starts a server that is missing; where two are lost for good, `npm run recover`.",
        ),
    );
  }
}

/** A client for the platform that these settings describe. @throws UserError where it was never applied */
export async function connectAsAdmin(settings: Settings, terraform: Terraform): Promise<ConsulAdmin> {
  return new ConsulAdmin(await adminDoor(settings, terraform));
}
