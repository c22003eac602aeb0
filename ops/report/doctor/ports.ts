import { isFree } from "../../platform/free-ports.js";
import { askPort, freeing, heldPorts, portsOf, SOMETHING_ELSE, whyNot } from "../../platform/gateway-ports.js";
import type { Problem } from "../problem.js";
import { type DoctorCheck, runningParts } from "./doctor-check.js";

/** One of the gateway's ports on 127.0.0.1. */
export interface PortUse {
  readonly setting: string;
  readonly port: number;
  readonly isFree: boolean;
  /** Why the gateway does not answer there while it runs; "" where it does. */
  readonly dead: string;
}

/** The gateway's ports: it has them while it runs, and no other program does. */
export const ports: DoctorCheck = {
  name: "Ports",
  needsDocker: true,
  run: async (context) => {
    const { httpPort, httpsPort } = context.settings;
    const gatewayRuns = runningParts(context).some(({ name }) => name === "gateway");
    // A paused gateway answers nobody, and has its ports all the same.
    const held = new Set((await heldPorts(context.settings)).values());
    const uses = await Promise.all(
      portsOf(context.settings).map(async ({ setting, port, isTls }) => ({
        ...{ setting, port, isFree: (!gatewayRuns && held.has(port)) || (await isFree(port)) },
        dead: gatewayRuns ? whyNot(await askPort({ port, isTls }), /^/) : "",
      })),
    );
    const state = gatewayRuns ? "served by the gateway" : "free for the gateway";
    return { summary: `${httpPort} and ${httpsPort} ${state}`, problems: judgePorts(uses, gatewayRuns) };
  },
};

export function judgePorts(uses: readonly PortUse[], gatewayRuns: boolean): readonly Problem[] {
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
    const restarts = "`npx rollcall up` restarts the gateway.";
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
