import { z } from "zod";
import { docker, listAll } from "../docker-host";
import type { Trouble } from "../trouble";
import { type Examination, few } from "./examination";

/** A network of ours and the containers that Docker believes attached. */
export interface NetworkUse {
  readonly name: string;
  /** Container id → its name. An endpoint without a container has `ep-…` for an id. */
  readonly attached: ReadonlyMap<string, string>;
}

const networksSchema = z.array(
  z.object({ Name: z.string(), Containers: z.record(z.string(), z.object({ Name: z.string() })).nullish() }),
);

/** Endpoints that Docker kept of containers that are gone: they hold an address, and keep `down` from its end. */
export const networks: Examination = {
  name: "Networks",
  needsDocker: true,
  examine: async ({ settings, containers }) => {
    const ours = (await listAll("network")).filter(({ instance }) => instance === settings.instance);
    const text = ours.length === 0 ? "[]" : await docker(["network", "inspect", ...ours.map(({ id }) => id)]);
    const uses = networksSchema.parse(JSON.parse(text)).map(({ Name, Containers }) => ({
      name: Name,
      attached: new Map(Object.entries(Containers ?? {}).map(([id, each]) => [id, each.Name])),
    }));
    const ids = new Set(containers.map(({ id }) => id));
    return { summary: uses.map(({ name }) => name).join(" and ") || "none", troubles: judgeNetworks(uses, ids) };
  },
};

/** @param containers ids of all containers that are there */
export function judgeNetworks(uses: readonly NetworkUse[], containers: ReadonlySet<string>): readonly Trouble[] {
  return uses.flatMap(({ name, attached }) => {
    const stale = [...attached].filter(([id]) => !containers.has(id)).map(([, container]) => container);
    if (stale.length === 0) return [];
    return [
      {
        what: `Docker keeps endpoints of ${few(stale)} in ${name}, whose containers are gone`,
        remedy: stale.map((each) => `\`docker network disconnect --force ${name} ${each}\``).join(" and "),
      },
    ];
  });
}
