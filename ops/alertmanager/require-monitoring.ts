import type { Settings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";

/** @throws UserError where the platform has no Alertmanager */
export function requireMonitoring({ monitoring }: Pick<Settings, "monitoring">): void {
  if (!monitoring)
    throw new UserError(
      "This platform has no Alertmanager: monitoring is off",
      "Write `monitoring: on` into rollcall.yaml, and run `npx rollcall up`.",
    );
}
