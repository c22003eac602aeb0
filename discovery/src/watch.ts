import { diff, type ServiceEvent } from "./diff.js";
import { EventStream } from "./event-stream.js";
import { type Filter, matches } from "./filter.js";
import type { Instance } from "./instance.js";
import type { ServiceCache } from "./service-cache.js";

/** Which instances to follow, and until when. */
export interface WatchOptions extends Filter {
  /** Ends it. @default until it is closed */
  readonly signal?: AbortSignal;
}

/** Something that goes on until it is closed. */
export interface Subscription {
  /** Ends it. The second time and later nothing happens. */
  close(): void;
}

/** What a watch needs. */
export interface WatchTools {
  readonly cache: ServiceCache;
  /** Where it is until it ends. */
  readonly open: Set<{ close(): void | Promise<void> }>;
  readonly onError: ((error: unknown, service: string) => void) | undefined;
}

/** Follows a service as an async iterator. */
export function watchAsStream(service: string, options: WatchOptions, tools: WatchTools): EventStream {
  let stop = () => {};
  const stream: EventStream = new EventStream(() => stop());
  stop = follow(service, options, tools, stream, (now) => stream.push(now));
  return stream;
}

/** Follows a service with a listener. An error that the listener throws goes to `onError`. */
export function watchWithListener(
  service: string,
  options: WatchOptions,
  listener: (event: ServiceEvent) => void,
  tools: WatchTools,
): Subscription {
  let stop = () => {};
  let seen: readonly Instance[] = [];
  const subscription = { close: () => stop() };
  stop = follow(service, options, tools, subscription, (now) => {
    const events = diff(seen, now);
    seen = now;
    for (const event of events) {
      try {
        listener(event);
      } catch (error) {
        tools.onError?.(error, service);
      }
    }
  });
  return subscription;
}

function follow(
  service: string,
  options: WatchOptions,
  { cache, open }: WatchTools,
  subscription: Subscription,
  onChange: (now: readonly Instance[]) => void,
): () => void {
  const { signal } = options;
  const stop = cache.listen(service, (_, all) => onChange(all.filter((each) => matches(each, options))));
  const end = () => subscription.close();
  open.add(subscription);
  if (signal?.aborted) queueMicrotask(end);
  else signal?.addEventListener("abort", end, { once: true });
  return () => {
    stop();
    open.delete(subscription);
    signal?.removeEventListener("abort", end);
  };
}
