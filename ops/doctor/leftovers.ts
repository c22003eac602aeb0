import { readCatalog } from "../../lib/catalog/read-catalog";
import { stackFolders } from "../diff/plan-platform";
import { type Found, listOwned } from "../docker-host";
import { isHalfDown } from "../down";
import { few } from "../few";
import { readStates } from "../states";
import { setUpTerraform } from "../tools";
import type { Trouble } from "../trouble";
import type { Examination } from "./examination";

/** What an interrupted run left: containers and networks that no state knows, a `down` that did not end. */
export const leftovers: Examination = {
  name: "Leftovers",
  needsDocker: true,
  examine: async ({ settings }) => {
    const owned = (await listOwned(settings.instance)).filter(({ kind }) => kind !== "volume");
    const isLocal = settings.backend === "local";
    // Local states are read as files; only those elsewhere need the stacks' folders.
    const folders = isLocal ? [] : stackFolders(settings, readCatalog(settings.catalogFolder));
    const states = [...(await readStates(settings, await setUpTerraform(settings), folders)).values()].join("\n");
    const unrecorded = owned.filter(({ id }) => !states.includes(id));
    const troubles = judgeLeftovers(unrecorded, isHalfDown(settings));
    const recorded = owned.length - unrecorded.length;
    return { summary: `${recorded} of ${owned.length} containers and networks are in the state`, troubles };
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
            what: `${few(unrecorded.map(({ name }) => name))} carries our label and is in no state: an interrupted run made it`,
            remedy: "If no verb runs now, the next `npm run up` removes it.",
          },
        ]),
  ];
}
