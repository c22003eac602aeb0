import { LEADERLESS, SERVER_JOB, unless } from "../promql.js";
import type { Alert } from "../rule.js";

/** One Consul server. Where so many are away that there is no leader, NoLeader says so. */
export const serverDown: Alert = {
  alert: "ServerDown",
  expr: unless(`max by (server) (up{job="${SERVER_JOB}"}) == 0`, `on () ${LEADERLESS}`),
  for: "30s",
  severity: "page",
  scope: "cluster",
  summary: "Consul server {{ $labels.server }} does not answer",
  description:
    "{{ $labels.server }} cannot be asked for its metrics. The others go on, with one less to lose: of three servers the next loss stops all writes.",
};
