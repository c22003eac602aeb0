import { BLIND, SERVER_JOB, unless } from "../promql.js";
import type { Alert } from "../rule.js";

const ALL_SERVERS_LOST = `(count(up{job="${SERVER_JOB}"} == 0) == count(up{job="${SERVER_JOB}"}))`;

/** Nobody sees how the services are. With all servers away, ServerDown says so for each. */
export const platformBlind: Alert = {
  alert: "PlatformBlind",
  expr: unless(BLIND, `on () ${ALL_SERVERS_LOST}`),
  for: "30s",
  severity: "page",
  scope: "platform",
  summary: "Nobody sees how the services are",
  description:
    "The monitor is gone, or no Consul server answers it. The services may be well or not: no other alert of a service can come until this is over.",
};
