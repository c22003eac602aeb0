import type { Probe } from "../heartbeat.js";
import { filled, mustFit, shapeOf, whole } from "../shape.js";
import { askRedis } from "../shared/redis.js";

/** A Redis server. */
export interface RedisTarget {
  readonly host: string;
  /** @default 6379 */
  readonly port?: number;
}

const TARGET = shapeOf<RedisTarget>({ host: filled, port: whole(1, 65_535) });

/** Whether a Redis server answers commands. One that wants a password first does. @throws InvalidOption */
export function redisProbe(target: RedisTarget): Probe {
  mustFit("redisProbe", target, TARGET);
  const { host, port = 6379 } = target;
  return async (signal) => {
    const { status, says, message } = await askRedis({ host, port, signal });
    return { status, says: message === undefined ? says : `${says} ${message}` };
  };
}
