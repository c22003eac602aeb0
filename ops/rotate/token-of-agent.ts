import { z } from "zod";
import { AGENT_TOKEN_META } from "../../lib/consul/agent-config";
import { AGENT_NODE } from "../../lib/consul/cluster";
import type { Settings } from "../../lib/settings";
import { docker } from "../docker-host";

const selfSchema = z.object({ Meta: z.record(z.string(), z.string()).nullable() });

/**
 * The accessor id of the token that the shared agent works with, as it says itself; "" where it does not say.
 * @param token one that may read the agent; it goes through standard input
 */
export async function tokenOfAgent({ prefix }: Settings, token: string): Promise<string> {
  // 1.0: the agent closes when it has answered, and sends no chunks.
  const lines = ["GET /v1/agent/self HTTP/1.0", "Host: localhost", `X-Consul-Token: ${token}`, "", ""];
  const ask = ["exec", "-i", `${prefix}${AGENT_NODE}`, "busybox", "nc", "127.0.0.1", "8500"];
  const answer = await docker(ask, { input: lines.join("\r\n") });
  if (!/^HTTP\/1\.\d 200 /.test(answer)) return "";
  return selfSchema.parse(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")))).Meta?.[AGENT_TOKEN_META] ?? "";
}
