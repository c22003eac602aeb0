import { aboutRunning } from "./policy.js";

/** A container that talks all day does not fill the host's disk. */
export const boundedLogs = aboutRunning(
  "bounded-logs",
  ({ log_driver, log_opts }) =>
    log_driver === "json-file" && /^\d+[km]$/.test(log_opts["max-size"] ?? "") && Number(log_opts["max-file"]) > 0
      ? undefined
      : "its logs are not bounded",
  "set the log driver json-file with max-size and max-file",
);
