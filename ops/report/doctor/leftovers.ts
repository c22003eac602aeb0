import { few } from "../../cli/few.js";
import { type DockerObject, listOwned } from "../../docker/docker-host.js";
import { isHalfDown } from "../../platform/take-down.js";
import { setUpTerraform } from "../../platform/tools.js";
import { readStateHealth } from "../../terraform/state-health.js";
import type { Problem } from "../problem.js";
import type { DoctorCheck } from "./doctor-check.js";

/** What an interrupted run left: containers and networks that no state knows, a `down` that did not end. */
export const leftovers: DoctorCheck = {
  name: "Leftovers",
  needsDocker: true,
  run: async ({ settings }) => {
    const owned = (await listOwned(settings.instance)).filter(({ kind }) => kind !== "volume");
    const { problems, strays } = await readStateHealth(settings, await setUpTerraform(settings), owned);
    if (strays === undefined)
      return {
        summary: "cannot be told: a state is damaged",
        problems: [...problems, ...judgeLeftovers([], isHalfDown(settings))],
      };
    const known = owned.length - strays.leftovers.length - strays.lost.flatMap(([, things]) => things).length;
    return {
      summary: `${known} of ${owned.length} containers and networks are in the state`,
      problems: [...problems, ...judgeLeftovers(strays.leftovers, isHalfDown(settings))],
    };
  },
};

export function judgeLeftovers(unrecorded: readonly DockerObject[], isHalfDown: boolean): readonly Problem[] {
  return [
    ...(isHalfDown
      ? [{ what: "a `down` was begun and did not come to its end", remedy: "`npx rollcall down` finishes it." }]
      : []),
    ...(unrecorded.length === 0
      ? []
      : [
          {
            what: `${few(unrecorded.map(({ name }) => name))} ${unrecorded.length === 1 ? "carries our label and is" : "carry our label and are"} in no state: an interrupted run made ${unrecorded.length === 1 ? "it" : "them"}`,
            remedy: `If no verb runs now, the next \`npx rollcall up\` removes ${unrecorded.length === 1 ? "it" : "them"}.`,
          },
        ]),
  ];
}
