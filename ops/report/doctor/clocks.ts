import type { Problem } from "../problem.js";
import type { DoctorCheck } from "./doctor-check.js";
import { readEngine } from "./engine.js";

/** More than a slow answer explains; certificates, logs and leases of a machine that far off mislead. */
const MOST_SECONDS = 2;

/**
 * This machine's clock against the Docker host's. Containers have no clock of their own: servers on one host cannot
 * differ, so they are not compared.
 */
export const clocks: DoctorCheck = {
  name: "Clocks",
  needsDocker: true,
  run: async () => {
    const before = Date.now();
    const { SystemTime } = await readEngine();
    const after = Date.now();
    const host = Date.parse(SystemTime);
    // Somewhere between the question and the answer the host looked at its clock.
    const apart = Math.max(0, before - host, host - after) / 1000;
    return {
      summary: `this machine and the Docker host, ${apart.toFixed(1)} s apart; containers share the host's`,
      problems: judgeClocks(apart),
    };
  },
};

export function judgeClocks(apartSeconds: number): readonly Problem[] {
  if (apartSeconds <= MOST_SECONDS) return [];
  return [
    {
      what: `this machine's clock and the Docker host's are ${apartSeconds.toFixed(1)} s apart`,
      remedy: "Set both by NTP (`timedatectl set-ntp true`; restart Docker Desktop after the machine slept).",
    },
  ];
}
