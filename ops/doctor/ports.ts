import { isFree } from "../fresh-clone";
import { askPort, freeing, heldPorts, portsOf, SOMETHING_ELSE, whyNot } from "../gateway-ports";
import type { Trouble } from "../trouble";
import { type Examination, runningParts } from "./examination";

/** One of the gateway's ports on 127.0.0.1. */
export interface PortUse {
  readonly setting: string;
  readonly port: number;
  readonly isFree: boolean;
  /** Why the gateway does not answer there while it runs; "" where it does. */
  readonly dead: string;
}

/** The gateway's ports: its own while it runs, nobody's else. */
export const ports: Examination = {
  name: "Ports",
  needsDocker: true,
  examine: async (patient) => {
    const { httpPort, httpsPort } = patient.settings;
    const gatewayRuns = runningParts(patient).some(({ name }) => name === "gateway");
    // A paused gateway answers nobody, and has its ports all the same.
    const held = new Set((await heldPorts(patient.settings)).values());
    const uses = await Promise.all(
      portsOf(patient.settings).map(async ({ setting, port, isTls }) => ({
        ...{ setting, port, isFree: (!gatewayRuns && held.has(port)) || (await isFree(port)) },
        dead: gatewayRuns ? whyNot(await askPort({ port, isTls }), /^/) : "",
      })),
    );
    const state = gatewayRuns ? "served by the gateway" : "free for the gateway";
    return { summary: `${httpPort} and ${httpsPort} ${state}`, troubles: judgePorts(uses, gatewayRuns) };
  },
};

export function judgePorts(uses: readonly PortUse[], gatewayRuns: boolean): readonly Trouble[] {
  return uses.flatMap(({ setting, port, isFree, dead }) => {
    if (!gatewayRuns)
      return isFree
        ? []
        : [
            {
              what: `port ${port} on 127.0.0.1 is taken by something that is not the gateway`,
              remedy: `\`ss -ltnp 'sport = :${port}'\` names it; end it, or set ${setting} to a free port.`,
            },
          ];
    const restarts = "`npm run up` restarts the gateway.";
    if (isFree)
      return [
        {
          what: `nothing listens on 127.0.0.1:${port}, though the gateway runs`,
          remedy: `Look at ${setting}: is it the port that the gateway was set up with? ${restarts}`,
        },
      ];
    if (dead === SOMETHING_ELSE)
      return [{ what: `127.0.0.1:${port} is not the gateway's: ${dead}`, remedy: freeing(port) }];
    return dead === "" ? [] : [{ what: `nothing answers on 127.0.0.1:${port}: ${dead}`, remedy: restarts }];
  });
}
