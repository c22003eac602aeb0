import { Agent, request } from "node:http";
import { type Status, statuses } from "./health.js";
import { measured, passingServices, platform } from "./platform.js";

/** A question that takes longer than this has failed. */
const PATIENCE_MS = 30_000;

export interface CallOptions {
  readonly method?: "GET" | "PUT" | "POST" | "DELETE";
  readonly token?: string | undefined;
  readonly body?: string;
  /** Keeps its connections where one is given. @default - a connection of its own */
  readonly agent?: Agent;
  /** The gateway's plain port. @default - that of the platform under test */
  readonly port?: number | undefined;
  /** A status whose body is taken as that of a 200. @default - none */
  readonly takes?: number;
}

/** A request through the gateway's plain port; gives the body of a 200 and rejects what is not taken. */
export function call(path: string, options: CallOptions = {}): Promise<string> {
  const { method = "GET", token, body, agent, port = platform().httpPort, takes = 200 } = options;
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: "127.0.0.1",
        port,
        path,
        method,
        agent: agent ?? false,
        headers: token === undefined ? {} : { "X-Consul-Token": token },
        signal: AbortSignal.timeout(PATIENCE_MS),
      },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        answer.on("error", reject);
        answer.on("end", () => {
          if (answer.statusCode === 200 || answer.statusCode === takes) resolve(text);
          else reject(new Error(`${answer.statusCode} ${text.trim().slice(0, 200)}`));
        });
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** What Consul says of a token: "refused" where it knows none such. */
export function saidOf(secret: string, port?: number): Promise<string> {
  return call("/v1/acl/token/self", { token: secret, port }).then(
    () => "taken",
    (error: unknown) => (/^Error: 403 .*ACL not found/.test(String(error)) ? "refused" : String(error)),
  );
}

/** One question and what became of it. */
export interface Attempt<T> {
  readonly begunMs: number;
  readonly endedMs: number;
  /** Left out where it failed. */
  readonly value?: T;
  /** "" where it did not fail. */
  readonly problem: string;
}

/** Does something many times a second until it is stopped, and remembers each attempt in the order of their ends. */
export class Repeater<T> {
  /** What has been started and not stopped. */
  private static readonly running = new Set<Repeater<unknown>>();

  /** Ends what a failed test left running; for `afterEach`. */
  static async stopAll(): Promise<void> {
    await Promise.all([...Repeater.running].map((each) => each.stop()));
  }

  readonly attempts: Attempt<T>[] = [];
  private readonly pending = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;
  private readonly agent: Agent;

  /**
   * @param atOnce how many may be under way: 1 keeps the answers in order, more shows what others meet while one hangs
   */
  constructor(
    perSecond: number,
    atOnce: number,
    private readonly ask: (agent: Agent) => Promise<T>,
  ) {
    this.agent = new Agent({ keepAlive: true, maxSockets: atOnce });
    Repeater.running.add(this);
    this.timer = setInterval(() => {
      if (this.pending.size >= atOnce) return;
      const one = this.attempt().finally(() => this.pending.delete(one));
      this.pending.add(one);
    }, 1000 / perSecond);
    // What a failed test did not come to stop must not keep the whole run from ending.
    this.timer.unref();
  }

  /**
   * Waits for what is under way.
   * @param thenOnce whether to do it once more after that, so that it has seen whatever was so before the call
   */
  async stop(thenOnce = false): Promise<readonly Attempt<T>[]> {
    clearInterval(this.timer);
    Repeater.running.delete(this);
    await Promise.all(this.pending);
    if (thenOnce) await this.attempt();
    this.agent.destroy();
    return this.attempts;
  }

  private async attempt(): Promise<void> {
    const begunMs = Date.now();
    try {
      const value = await this.ask(this.agent);
      this.attempts.push({ begunMs, endedMs: Date.now(), value, problem: "" });
    } catch (error) {
      this.attempts.push({ begunMs, endedMs: Date.now(), problem: String(error) });
    }
  }
}

/** Seconds of the longest time in which none succeeded, and how many failed. */
export function summaryOf(attempts: readonly Attempt<unknown>[]): { readonly gap: number; readonly failed: number } {
  const ends = attempts.filter(({ problem }) => problem === "").map(({ endedMs }) => endedMs);
  const bounds = [attempts[0]?.begunMs ?? 0, ...ends, most(attempts.map(({ endedMs }) => endedMs))];
  const gaps = bounds.slice(1).map((end, index) => end - (bounds[index] ?? end));
  return { gap: most(gaps) / 1000, failed: attempts.length - ends.length };
}

/** The largest, or 0. An hour's attempts are more than a call takes arguments. */
function most(numbers: readonly number[]): number {
  return numbers.reduce((largest, number) => Math.max(largest, number), 0);
}

/** Why some failed: each reason once, how often, and when, in seconds since the first attempt began. */
export function reasonsOf(attempts: readonly Attempt<unknown>[]): readonly string[] {
  const times = new Map<string, number[]>();
  for (const { problem, endedMs } of attempts) {
    const [reason = ""] = problem.split("\n");
    if (reason !== "") times.set(reason, [...(times.get(reason) ?? []), endedMs]);
  }
  const begun = attempts[0]?.begunMs ?? 0;
  const at = (ms: number | undefined) => (((ms ?? begun) - begun) / 1000).toFixed(1);
  return [...times].map(([reason, ends]) => `${ends.length}, ${at(ends[0])} to ${at(ends.at(-1))} s: ${reason}`);
}

/** Prints them under the measurement that they belong to. */
export function printReasons(reasons: readonly string[]): void {
  for (const reason of reasons) process.stderr.write(`      ${reason}\n`);
}

/** Prints what became of some reads; gives the seconds of the longest time in which none succeeded. */
export function told(what: string, attempts: readonly Attempt<unknown>[], aimSeconds: number | string): number {
  const { gap, failed } = summaryOf(attempts);
  measured(`${what}: longest gap`, gap, aimSeconds);
  measured(`${what}: failed of ${attempts.length}`, failed, "few", "reads");
  printReasons(reasonsOf(attempts));
  return gap;
}

/** Seconds that the slowest of some attempts took, whatever came of it. */
export function slowest(attempts: readonly Attempt<unknown>[]): number {
  return most(attempts.map(({ begunMs, endedMs }) => endedMs - begunMs)) / 1000;
}

export interface PollOptions {
  readonly token?: string | undefined;
  /** @default 20 */
  readonly perSecond?: number;
  /** @default 20 */
  readonly atOnce?: number;
  /** The gateway's plain port. @default - that of the platform under test */
  readonly port?: number | undefined;
  /** A status whose body is taken as that of a 200. @default - none */
  readonly takes?: number;
  /** True where an empty list counts as a failure: whoever looked for a service found none. @default false */
  readonly mustFind?: boolean;
}

/** GET, many times a second. */
export function poll(path: string, options: PollOptions = {}): Repeater<string> {
  const { token, port, perSecond = 20, atOnce = 20, mustFind = false } = options;
  return new Repeater(perSecond, atOnce, async (agent) => {
    const answer = await call(path, { token, agent, port });
    if (mustFind && answer.trim() === "[]") throw new Error(`nothing was found by ${path}`);
    return answer;
  });
}

/** A status that a service was seen to change to. */
export interface Sight {
  readonly status: Status;
  /** When the answer was there. */
  readonly atMs: number;
}

/** What a watch saw. */
export interface Watched {
  /** The services that were seen in anything but `passing`, each with what it was seen in. */
  readonly left: Readonly<Record<string, readonly Status[]>>;
  /** How many were watched. */
  readonly services: number;
  readonly attempts: readonly Attempt<void>[];
  /** Seconds of the longest time in which it saw nothing. */
  readonly gap: number;
  /** How many of its polls failed. */
  readonly failed: number;
}

/** Looks at every service's health 20 times a second, through the gateway. */
export class HealthWatch {
  /** By service: the statuses it was seen in, in order, each change once. */
  readonly seen: ReadonlyMap<string, Sight[]>;
  private readonly repeater: Repeater<void>;

  private constructor(services: ReadonlySet<string>, port: number | undefined) {
    this.seen = new Map([...services].map((service) => [service, []]));
    this.repeater = new Repeater(20, 1, async (agent) => {
      const now = statuses(await call("/v1/health/state/any", { agent, port }));
      for (const [service, sights] of this.seen) {
        const status = now.get(service) ?? "absent";
        if (sights.at(-1)?.status !== status) sights.push({ status, atMs: Date.now() });
      }
    });
  }

  /**
   * Begins with the services that pass now.
   * @param port the gateway's plain port; left out for the platform under test
   */
  static async start(port?: number): Promise<HealthWatch> {
    return new HealthWatch(await passingServices(port), port);
  }

  /** The status in which a service was seen last. */
  now(service: string): Status | undefined {
    return this.seen.get(service)?.at(-1)?.status;
  }

  /**
   * Looks once more, and gives the services that were seen in anything but `passing`, with what they were seen in. Prints
   * how often, and how long, it did not see them: what it did not see it cannot tell.
   * @param during what was done meanwhile
   */
  async stop(during = ""): Promise<Watched> {
    const attempts = await this.repeater.stop(true);
    const what = `polls of all checks${during === "" ? "" : `, ${during}`}`;
    const gap = told(what, attempts, "small");
    const left = [...this.seen]
      .map(([service, sights]) => [service, sights.map(({ status }) => status)] as const)
      .filter(([, found]) => found.join() !== "passing");
    const { failed } = summaryOf(attempts);
    return { left: Object.fromEntries(left), services: this.seen.size, attempts, gap, failed };
  }
}
