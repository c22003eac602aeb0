import type { Probe } from "../report.ts";
import { filled, mustFit, shapeOf, whole } from "../shape.ts";
import { ask } from "./ask.ts";

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
    const answer = await ask({ host, port }, Buffer.from("PING\r\n"), (text) => text.includes("\r\n"), signal);
    const line = answer.toString("utf8").split("\r\n")[0] ?? "";
    if (line === "+PONG") return { status: "passing", says: "Redis answers" };
    if (/^-(NOAUTH|NOPERM) /.test(line)) return { status: "passing", says: "Redis answers, and wants a password" };
    const says = /^-[A-Z]+ /.test(line) ? `Redis says ${line.slice(1)}` : "no Redis server answers there";
    return { status: "critical", says };
  };
}
