import { AVAILABILITY } from "../records/availability.js";
import { CONSTANTS } from "../records/constants.js";

/** The name of the service that an alert is about, in its texts. */
export const SERVICE = "{{ $labels.service }}";

/** A sentence with the owner and one with the runbook of the service, each where the catalog names one. */
export const WHOSE = [
  ofService(CONSTANTS.serviceOwner, " Owner: {{ .Labels.owner }}."),
  ofService(CONSTANTS.serviceRunbook, " Its own runbook: {{ .Labels.url }}"),
].join("");

/** The names of the services that are down, of one team or of all, at the most ten. */
export function downList(team?: string): string {
  const query =
    team === undefined
      ? `query "topk(10, ${AVAILABILITY.down})"`
      : `printf "topk(10, ${AVAILABILITY.down}{team=%q})" ${team} | query`;
  return `{{ range ${query} | sortByLabel "service" }}{{ .Labels.service }} {{ end }}`;
}

function ofService(record: string, sentence: string): string {
  const query = `printf "${record}{service=%q,team=%q}" $labels.service $labels.team | query`;
  return `{{ with ${query} }}{{ with first . }}${sentence}{{ end }}{{ end }}`;
}
