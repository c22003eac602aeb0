import { readCatalog } from "../../../lib/catalog/read-catalog.js";
import { appliedLayout } from "../../platform/places/layout.js";
import type { Endpoint } from "../../platform/places/place.js";
import { hostsOf, judgeStanding, readStanding } from "../../platform/places/standing.js";
import { setUpTerraform } from "../../platform/tools.js";
import { readStates } from "../../terraform/states.js";
import { stackFolders } from "../diff/plan-platform.js";
import type { Problem } from "../problem.js";
import type { DoctorCheck } from "./doctor-check.js";

/** The platform's networks: its containers are attached as applied, and no other container has their names or addresses. */
export const networks: DoctorCheck = {
  name: "Networks",
  needsDocker: true,
  run: async ({ settings, catalog }) => {
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
      problems: [...judgeStanding(standing), ...judgeEndpoints(kept)],
    };
  },
};

/** Endpoints of containers that are gone: each holds an address, and keeps `down` from its end. */
export function judgeEndpoints(endpoints: readonly Endpoint[]): readonly Problem[] {
  return endpoints
    .filter(({ isGone }) => isGone)
    .map(({ network, container }) => ({
      what: `Docker keeps an endpoint of ${container} in ${network}, whose container is gone`,
      remedy: `\`docker network disconnect --force ${network} ${container}\``,
    }));
}
