import { isFree } from "../fresh-clone";
import { type Trouble, UP } from "../trouble";
import { type Examination, runningParts } from "./examination";

/** One of the gateway's ports on 127.0.0.1. */
export interface PortUse {
  readonly setting: string;
  readonly port: number;
  readonly isFree: boolean;
}

/** The gateway's ports: its own while it runs, nobody's else. */
export const ports: Examination = {
  name: "Ports",
  needsDocker: true,
  examine: async (patient) => {
    const { httpPort, httpsPort } = patient.settings;
    const gatewayRuns = runningParts(patient).some(({ name }) => name === "gateway");
    const uses = [
      { setting: "ROLLCALL_HTTP_PORT", port: httpPort, isFree: await isFree(httpPort) },
      { setting: "ROLLCALL_HTTPS_PORT", port: httpsPort, isFree: await isFree(httpsPort) },
    ];
    const state = gatewayRuns ? "served by the gateway" : "free for the gateway";
    return { summary: `${httpPort} and ${httpsPort} ${state}`, troubles: judgePorts(uses, gatewayRuns) };
  },
};

export function judgePorts(uses: readonly PortUse[], gatewayRuns: boolean): readonly Trouble[] {
  return uses
    .filter((use) => use.isFree === gatewayRuns)
    .map(({ setting, port }) =>
      gatewayRuns
        ? { what: `nothing listens on 127.0.0.1:${port}, though the gateway runs`, remedy: `Look at ${setting}. ${UP}` }
        : {
            what: `port ${port} on 127.0.0.1 is taken by something that is not the gateway`,
            remedy: `\`ss -ltnp 'sport = :${port}'\` names it; end it, or set ${setting} to a free port.`,
          },
    );
}
