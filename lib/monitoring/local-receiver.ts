import { PARTS, PROGRAM_PORTS } from "../platform-names.js";
import type { ReceiverOf } from "./export/alertmanager-config.js";
import { ALERTS_PATH, DEAD_MANS_SWITCH } from "./receivers.js";

/** The monitor as the receiver of everything: it keeps what came, and logs a line. @param prefix `ROLLCALL_PREFIX` */
export function localReceiver(prefix: string): ReceiverOf {
  const monitor = `http://${prefix}${PARTS.monitor}:${PROGRAM_PORTS.monitor}`;
  return ({ name }) => ({
    webhook_configs: [{ url: `${monitor}${ALERTS_PATH}${name}`, send_resolved: name !== DEAD_MANS_SWITCH }],
  });
}
