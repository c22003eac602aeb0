import { z } from "zod";
import type { Settings } from "../../../lib/settings.js";
import { docker, listAll } from "../../docker/docker-host.js";

/** A Consul server's container as Docker has it. */
export interface ServerContainer {
  /** 1 for the first server. */
  readonly number: number;
  /** Docker's: another one when the container was replaced. */
  readonly id: string;
  /** Its name on the Docker host. */
  readonly name: string;
  /** Consul's name of it. */
  readonly node: string;
  /** `starting` until its health check has passed or failed ten times; `down` where it does not run or crashes. */
  readonly condition: "healthy" | "starting" | "sick" | "down";
  /** How often Docker has started it again after it ended by itself. */
  readonly restarts: number;
}

const inspectedSchema = z.array(
  z.object({
    Id: z.string(),
    Name: z.string(),
    RestartCount: z.number(),
    State: z.object({ Status: z.string(), Health: z.object({ Status: z.string() }).nullish() }),
  }),
);

/** The number of a server by its stack's name, e.g. 3 for `server-3`; undefined for any other stack. */
export function serverNumber(stack: string): number | undefined {
  const number = /^server-(\d+)$/.exec(stack)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** The platform's server containers, the first server's first. */
export async function serverContainers(settings: Settings): Promise<readonly ServerContainer[]> {
  const ours = (await listAll("container")).filter(
    ({ instance, name }) => instance === settings.instance && name.startsWith(`${settings.prefix}consul-server-`),
  );
  if (ours.length === 0) return [];
  const inspected = inspectedSchema.parse(
    JSON.parse(await docker(["container", "inspect", ...ours.map(({ id }) => id)])),
  );
  return inspected
    .flatMap(({ Id, Name, RestartCount, State }) => {
      const node = Name.slice(1 + settings.prefix.length);
      const number = Number(/^consul-server-(\d+)$/.exec(node)?.[1] ?? 0);
      if (number === 0) return [];
      const health = State.Health?.Status;
      const condition: ServerContainer["condition"] =
        State.Status !== "running" ? "down" : health === "healthy" || health === "starting" ? health : "sick";
      return [{ number, id: Id, name: Name.slice(1), node, condition, restarts: RestartCount }];
    })
    .sort((one, other) => one.number - other.number);
}
