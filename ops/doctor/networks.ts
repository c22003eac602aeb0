import { readCatalog } from "../../lib/catalog/read-catalog";
import { stackFolders } from "../diff/plan-platform";
import { appliedLayout } from "../places/layout";
import type { Endpoint } from "../places/place";
import { hostsOf, judgeStanding, readStanding } from "../places/standing";
import { readStates } from "../states";
import { setUpTerraform } from "../tools";
import type { Trouble } from "../trouble";
import type { Examination } from "./examination";

/** Who stands in the platform's networks: its containers where they were applied, and nobody else under what is theirs. */
export const networks: Examination = {
  name: "Networks",
  needsDocker: true,
  examine: async ({ settings, catalog }) => {
    // Local states are read as files; only those elsewhere need the stacks' folders.
    const folders =
      settings.backend === "local" ? [] : await stackFolders(settings, readCatalog(settings.catalogFolder));
    const states = await readStates(settings, await setUpTerraform(settings), folders);
    const standing = await readStanding(settings, appliedLayout(states), hostsOf(catalog));
    const { networks: there, endpoints } = standing.host;
    const count = endpoints.filter(({ network }) => there.includes(network)).length;
    // Told with what it stands in the way of.
    const squatters = new Set(standing.squatting.map(({ container }) => container));
    const kept = endpoints.filter(({ container }) => !squatters.has(container));
    return {
      summary: `${count} endpoints in ${there.join(" and ") || "no network"}`,
      troubles: [...judgeStanding(standing), ...judgeEndpoints(kept)],
    };
  },
};

/** Endpoints of containers that are gone: each holds an address, and keeps `down` from its end. */
export function judgeEndpoints(endpoints: readonly Endpoint[]): readonly Trouble[] {
  return endpoints
    .filter(({ isGone }) => isGone)
    .map(({ network, container }) => ({
      what: `Docker keeps an endpoint of ${container} in ${network}, whose container is gone`,
      remedy: `\`docker network disconnect --force ${network} ${container}\``,
    }));
}
