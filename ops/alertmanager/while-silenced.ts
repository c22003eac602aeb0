import { manyServicesDown } from "../../lib/monitoring/alerts/many-services-down.js";
import { watchdog } from "../../lib/monitoring/alerts/watchdog.js";
import type { Settings } from "../../lib/settings.js";
import { report } from "../cli/progress.js";
import { Alertmanager } from "./alertmanager.js";

/** Longer than any verb takes; it is ended when the verb ends, and by itself where the verb is killed. */
const LONGEST_SECONDS = 1800;

/** Metrics are scraped every 15 s, and rules judge what they saw: what was replaced last is seen well by then. */
const AFTERWARDS_SECONDS = 60;

/**
 * What a platform says of itself, and not of its services: those are told while a verb works, too, and so is that most of them
 * are down. That alerts arrive must go on being heard.
 */
const OF_THE_PLATFORM = ['scope=~"platform|cluster"', `alertname!~"${watchdog.alert}|${manyServicesDown.alert}"`];

/**
 * Does work that replaces parts of the platform; meanwhile nobody is told that they are away. Where there is no Alertmanager,
 * or it does not answer, the work is done all the same.
 * @param verb such as `up`, for whoever looks at the silences
 */
export async function whileSilenced<T>(
  { monitoring, prefix }: Pick<Settings, "monitoring" | "prefix">,
  verb: string,
  work: () => Promise<T>,
  alertmanager = new Alertmanager(prefix),
): Promise<T> {
  const silence = (seconds: number) =>
    alertmanager
      .silence(OF_THE_PLATFORM, seconds, "rollcall", `rollcall ${verb} replaces parts of the platform`)
      .catch(() => undefined);
  const id = monitoring ? await silence(LONGEST_SECONDS) : undefined;
  if (id === undefined) return work();
  report("alerts of the platform's own parts are silenced meanwhile");
  try {
    return await work();
  } finally {
    await silence(AFTERWARDS_SECONDS);
    await alertmanager
      .end(id)
      .catch(() => report(`the silence ${id} ends by itself in ${LONGEST_SECONDS / 60} minutes`));
  }
}
