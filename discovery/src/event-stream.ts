import { diff, type ServiceEvent } from "./diff.js";
import type { Instance } from "./instance.js";

/**
 * The events of one service for one reader, in the reader's time. A reader who is slower than the changes gets what
 * leads from the last reading he has seen to the present one: never more than two events an instance are kept.
 */
export class EventStream implements AsyncIterableIterator<ServiceEvent> {
  private seen: readonly Instance[] = [];
  private current: readonly Instance[] = [];
  private pending: ServiceEvent[] = [];
  private readers: ((result: IteratorResult<ServiceEvent, undefined>) => void)[] = [];
  private isDone = false;
  private readonly onClose: () => void;

  /** @param onClose told once, when the reader stops or `close` is called */
  constructor(onClose: () => void) {
    this.onClose = onClose;
  }

  /** What the service is now. */
  push(current: readonly Instance[]): void {
    this.current = current;
    while (this.readers.length > 0) {
      const event = this.take();
      if (event === undefined) return;
      this.readers.shift()?.({ value: event, done: false });
    }
  }

  /** Ends the reading at once. */
  close(): void {
    if (this.isDone) return;
    this.isDone = true;
    this.onClose();
    for (const reader of this.readers) reader({ value: undefined, done: true });
    this.readers = [];
  }

  next(): Promise<IteratorResult<ServiceEvent, undefined>> {
    const event = this.isDone ? undefined : this.take();
    if (event !== undefined) return Promise.resolve({ value: event, done: false });
    if (this.isDone) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.readers.push(resolve));
  }

  return(): Promise<IteratorResult<ServiceEvent, undefined>> {
    this.close();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private take(): ServiceEvent | undefined {
    if (this.pending.length === 0) {
      this.pending = [...diff(this.seen, this.current)];
      this.seen = this.current;
    }
    return this.pending.shift();
  }
}
