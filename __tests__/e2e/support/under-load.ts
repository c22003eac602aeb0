import { until } from "./platform.js";
import { poll, type Repeater, summaryOf, told } from "./poll.js";
import { kept, Writer, type Written } from "./writer.js";

/** Who writes and reads while something is done. */
export interface Traffic {
  /** May write the keys; the work must not exchange it. */
  readonly token: string;
  /** Prefix of keys that are this writer's alone. */
  readonly keys: string;
  /** Seconds that may pass between two acknowledged writes. */
  readonly aim: number;
  /** Writes under way at once: more than 8 also meet what happens while others wait. @default 8 */
  readonly atOnce?: number;
  /** Seconds that may pass between two answers to the reader. @default - the same */
  readonly readAim?: number;
  /** @default - none: the reader is anonymous */
  readonly readerToken?: string;
  /** Whether the reader takes what any server knows. @default false: it wants the leader's word */
  readonly isStale?: boolean;
  /** Another platform, and a service of it that passes throughout. @default - the platform under test */
  readonly at?: { readonly httpPort: number; readonly service: string };
  /** True where the work puts back what was there before, so that acknowledged writes go. @default false */
  readonly isReplaced?: boolean;
}

/** What the writer and the reader met. */
export interface Met extends Written {
  /** The reads, one by one. */
  readonly reads: Repeater<string>["attempts"];
  /** How many reads failed, or found no instance that passes. */
  readonly failed: number;
  /** Seconds of the longest time without an answer to the reader. */
  readonly readGap: number;
}

/** A writer (50 a second) and a reader of a service's health (20 a second), at work until they are stopped. */
export class Clients {
  readonly reads: Repeater<string>;
  private readonly writer: Writer;

  /** @param during what is done meanwhile */
  constructor(
    private readonly during: string,
    private readonly traffic: Traffic,
  ) {
    const { token, keys, atOnce, readerToken, isStale = false, at } = traffic;
    const path = `/v1/health/service/${at?.service ?? "billing_service"}?passing${isStale ? "&stale" : ""}`;
    this.writer = new Writer(token, keys, at?.httpPort, atOnce);
    this.reads = poll(path, { token: readerToken, port: at?.httpPort, mustFind: true });
  }

  /** Both have got what they want: a fault from now on is one that they notice. */
  async areAtWork(): Promise<void> {
    const { attempts } = this.reads;
    await until(
      "clients at work",
      3,
      async () => this.writer.count > 0 && attempts.some(({ problem }) => problem === ""),
    );
  }

  /**
   * Ends both and holds the platform to its word: nothing that was acknowledged is lost, and neither waited longer than
   * three times the aim. Prints the figures, and gives them: how many reads may fail is for the test to say.
   */
  async stop(): Promise<Met> {
    const { aim, readAim = aim, isStale = false, isReplaced = false } = this.traffic;
    const reads = [...(await this.reads.stop())];
    const written = await kept(this.writer, this.during, aim, isReplaced);
    const readGap = told(`${isStale ? "stale " : ""}health reads, ${this.during}`, reads, readAim);
    expect({ reads: reads.length > 20, readGap: readGap < 3 * readAim ? "short" : readGap }).toEqual({
      reads: true,
      readGap: "short",
    });
    return { ...written, reads, failed: summaryOf(reads).failed, readGap };
  }
}

/** Does something under a writer and a reader, and tells what they met. */
export async function underLoad(
  during: string,
  traffic: Traffic,
  work: (clients: Clients) => Promise<unknown>,
): Promise<Met> {
  const clients = new Clients(during, traffic);
  await clients.areAtWork();
  await work(clients);
  return clients.stop();
}
