import { measured } from "./platform.js";
import { type CallOptions, call, printReasons, Repeater, reasonsOf, summaryOf } from "./poll.js";

/** What came of a writer's work. */
export interface Written {
  readonly acknowledged: number;
  readonly refused: number;
  /** Why they were refused, each reason once. */
  readonly reasons: readonly string[];
  /** Seconds of the longest time without an acknowledged write. */
  readonly gap: number;
  /** Keys of acknowledged writes that are not there, or not with their value. */
  readonly lost: readonly string[];
}

/** Puts a new KV key about 50 times a second through the gateway, and remembers which were acknowledged. */
export class Writer {
  private readonly acknowledged = new Map<string, string>();
  private readonly repeater: Repeater<void>;
  private number = 0;

  /**
   * @param prefix of keys that are the writer's alone
   * @param port the gateway's plain port; left out for the platform under test
   * @param atOnce how many writes may be under way
   */
  constructor(
    private readonly token: string,
    private readonly prefix: string,
    private readonly port?: number,
    atOnce = 8,
  ) {
    this.repeater = new Repeater(50, atOnce, async (agent) => {
      this.number += 1;
      const key = `${this.prefix}${this.number}`;
      const value = `${this.number} at ${Date.now()}`;
      const answer = await this.call(key, { method: "PUT", body: value, agent });
      if (answer.trim() !== "true") throw new Error(answer);
      this.acknowledged.set(key, value);
    });
  }

  /** How many were acknowledged until now. */
  get count(): number {
    return this.acknowledged.size;
  }

  /** Stops, and reads everything again. */
  async stop(): Promise<Written> {
    const attempts = await this.repeater.stop();
    const { gap, failed } = summaryOf(attempts);
    const there = valuesIn(await this.call(`${this.prefix}?recurse`));
    const lost = [...this.acknowledged].filter(([key, value]) => there.get(key) !== value).map(([key]) => key);
    return { acknowledged: this.acknowledged.size, refused: failed, reasons: reasonsOf(attempts), gap, lost };
  }

  /** Removes every key of its prefix, whether it was acknowledged or not. */
  async clean(): Promise<void> {
    await this.repeater.stop();
    await this.call(`${this.prefix}?recurse`, { method: "DELETE" });
  }

  private call(key: string, options: CallOptions = {}): Promise<string> {
    return call(`/v1/kv/${key}`, { ...options, token: this.token, port: this.port });
  }
}

/** The values of an answer to `/v1/kv/PREFIX?recurse`, by their keys. */
export function valuesIn(answer: string): ReadonlyMap<string, string> {
  const pairs: { Key: string; Value: string }[] = JSON.parse(answer);
  return new Map(pairs.map(({ Key, Value }) => [Key, Buffer.from(Value, "base64").toString()]));
}

/**
 * Ends a writer and holds it to its word: nothing that was acknowledged is lost, and writes went on after a gap of three
 * times the aim at most. Prints the figures, and gives them.
 * @param during what was done meanwhile
 * @param isReplaced true where acknowledged writes go by design, and writes with them
 */
export async function kept(writer: Writer, during: string, aimSeconds: number, isReplaced = false): Promise<Written> {
  const written = await writer.stop();
  const { acknowledged, refused, reasons, gap, lost } = written;
  measured(`acknowledged writes, ${during}`, acknowledged, "some", "writes");
  measured(`writes refused, ${during}`, refused, "few", "writes");
  printReasons(reasons);
  measured(`longest gap between acknowledged writes, ${during}`, gap, aimSeconds);
  if (isReplaced) measured(`acknowledged writes that were replaced, ${during}`, lost.length, "any", "writes");
  expect({ lost: isReplaced ? [] : lost, some: acknowledged > 50 }).toEqual({ lost: [], some: true });
  expect(gap).toBeLessThan(3 * aimSeconds);
  await writer.clean();
  return written;
}
