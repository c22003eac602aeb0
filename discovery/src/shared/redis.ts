import { ask, type Target } from "./ask.js";
import type { ServerState } from "./server-state.js";

/** Sends a PING. A server that wants a password first is one that answers commands. */
export async function askRedis(target: Target): Promise<ServerState> {
  const answer = await ask(target, Buffer.from("PING\r\n"), (text) => text.includes("\r\n"));
  const line = answer.toString("utf8").split("\r\n")[0] ?? "";
  if (line === "+PONG") return { status: "passing", says: "Redis answers" };
  const [, code, message = ""] = /^-([A-Z]{1,20}) (.*)$/s.exec(line) ?? [];
  if (code === undefined) return { status: "critical", says: "no Redis server answers there" };
  return code === "NOAUTH" || code === "NOPERM"
    ? { status: "passing", says: "Redis answers, and wants a password" }
    : { status: "critical", says: `Redis says ${code}`, code, message };
}
