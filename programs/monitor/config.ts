import * as z from "zod";
import type { MonitorConfig } from "../../lib/monitoring/monitor-config.js";

const place = z.string().regex(/^[^:]+:\d+$/);

const schema = z.strictObject({
  servers: z.array(z.strictObject({ name: z.string(), address: z.string() })).min(1),
  serverPort: z.int(),
  ...{ serverName: z.string(), caFile: z.string(), pairFile: z.string(), tokenFile: z.string(), node: z.string() },
  ...{ agent: place, gateway: place, prefix: z.string(), folder: z.string() },
  backup: z.url().exactOptional(),
  facts: z.strictObject({
    dynamic: z.array(z.string()),
    coexist: z.boolean(),
    services: z.record(
      z.string(),
      z.strictObject({
        alert: z.enum(["page", "ticket", "none"]).exactOptional(),
        slo: z.number().exactOptional(),
        ...{
          latency: z.string().exactOptional(),
          owner: z.string().exactOptional(),
          runbook: z.string().exactOptional(),
        },
        metrics: z.strictObject({ path: z.string(), duration: z.string(), status: z.string() }).exactOptional(),
      }),
    ),
  }),
});

/** What `monitor.json` says. @throws Error that says what is wrong */
export function readConfig(text: string): MonitorConfig {
  return schema.parse(JSON.parse(text));
}
