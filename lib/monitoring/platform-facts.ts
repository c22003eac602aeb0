import type { Settings } from "../settings.js";
import type { PlatformFacts } from "./records/constants.js";

/** What the rules must know of a platform, as its settings say it. */
export function platformFactsOf(
  settings: Pick<
    Settings,
    "servers" | "backupEverySeconds" | "cpuLimitPercent" | "memoryLimitPercent" | "diskLimitPercent"
  >,
): PlatformFacts {
  const { servers, backupEverySeconds, cpuLimitPercent, memoryLimitPercent, diskLimitPercent } = settings;
  return {
    servers,
    hostLimits: {
      cpu: cpuLimitPercent / 100,
      memory: memoryLimitPercent / 100,
      disk: diskLimitPercent / 100,
    },
    ...(backupEverySeconds === undefined ? {} : { backupEverySeconds }),
  };
}
