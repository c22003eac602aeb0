import { type Found, listOwned } from "../docker-host";
import { isHalfDown } from "../down";
import { few } from "../few";
import { readStateHealth } from "../state-health";
import { setUpTerraform } from "../tools";
import type { Trouble } from "../trouble";
import type { Examination } from "./examination";

/** What an interrupted run left: containers and networks that no state knows, a `down` that did not end. */
export const leftovers: Examination = {
  name: "Leftovers",
  needsDocker: true,
  examine: async ({ settings }) => {
    const owned = (await listOwned(settings.instance)).filter(({ kind }) => kind !== "volume");
    const { troubles, strays } = await readStateHealth(settings, await setUpTerraform(settings), owned);
    if (strays === undefined)
      return {
        summary: "cannot be told: a state is damaged",
        troubles: [...troubles, ...judgeLeftovers([], isHalfDown(settings))],
      };
    const known = owned.length - strays.leftovers.length - strays.lost.flatMap(([, things]) => things).length;
    return {
      summary: `${known} of ${owned.length} containers and networks are in the state`,
      troubles: [...troubles, ...judgeLeftovers(strays.leftovers, isHalfDown(settings))],
    };
  },
};

export function judgeLeftovers(unrecorded: readonly Found[], isHalfDown: boolean): readonly Trouble[] {
  return [
    ...(isHalfDown
      ? [{ what: "a `down` was begun and did not come to its end", remedy: "`npm run down` finishes it." }]
      : []),
    ...(unrecorded.length === 0
      ? []
      : [
          {
            what: `${few(unrecorded.map(({ name }) => name))} ${unrecorded.length === 1 ? "carries our label and is" : "carry our label and are"} in no state: an interrupted run made ${unrecorded.length === 1 ? "it" : "them"}`,
            remedy: `If no verb runs now, the next \`npm run up\` removes ${unrecorded.length === 1 ? "it" : "them"}.`,
          },
        ]),
  ];
}
