import { readCatalog } from "../lib/catalog/read-catalog";
import { printable } from "../lib/printable";
import { readSettings } from "../lib/settings";
import { colour } from "./colour";
import { listAll } from "./docker-host";
import { catalog } from "./doctor/catalog";
import { clocks } from "./doctor/clocks";
import { disks } from "./doctor/disks";
import { drift } from "./doctor/drift";
import { engine } from "./doctor/engine";
import type { Examination, Examined, Patient } from "./doctor/examination";
import { leftovers } from "./doctor/leftovers";
import { memory } from "./doctor/memory";
import { modes } from "./doctor/modes";
import { names } from "./doctor/names";
import { networks } from "./doctor/networks";
import { ports } from "./doctor/ports";
import { versions } from "./doctor/versions";
import { stopIfInterrupted } from "./interrupt";
import { isUnknown, known } from "./known";
import { report } from "./progress";
import { judgeStatus } from "./status/judge";
import { readStatus } from "./status/read-status";
import { renderTroubles } from "./status/render";
import { isWell, type Trouble } from "./trouble";

/** Everything that could be wrong, what the rest stands on first. */
const EXAMINATIONS: readonly Examination[] = [
  engine,
  disks,
  ports,
  names,
  clocks,
  memory,
  versions,
  modes,
  networks,
  leftovers,
  catalog,
  drift,
];

/** `npm run doctor`: what is wrong, each with its remedy; changes nothing. Exit code 1 where something is wrong. */
export async function doctor(): Promise<number> {
  const settings = readSettings();
  report("reading how everything stands");
  const status = await readStatus(settings);
  const containers = await known(() => listAll("container"));
  const patient: Patient = {
    settings,
    status,
    catalog: await known(async () => readCatalog(settings.catalogFolder)),
    containers: isUnknown(containers) ? [] : containers,
  };
  // The services are told one by one below.
  const services = isUnknown(status.catalog) ? status.catalog : { ...status.catalog, wrong: [] };
  const examined: Examined[] = [{ summary: "", troubles: judgeStatus({ ...status, catalog: services }) }];
  for (const each of EXAMINATIONS) {
    stopIfInterrupted();
    const found = await examineWith(each, patient);
    console.log(`${each.name.padEnd(10)} ${mark(found)}  ${printable(found.summary)}`);
    examined.push(found);
  }
  const troubles = eachOnce(examined.flatMap((each) => each.troubles));
  console.log(`\n${renderTroubles(troubles)}`);
  return isWell(troubles) ? 0 : 1;
}

async function examineWith({ needsDocker, examine }: Examination, patient: Patient): Promise<Examined> {
  if (needsDocker && isUnknown(patient.status.docker))
    return { summary: "not looked at: Docker does not answer", troubles: [], isLeftOut: true };
  const found = await known(() => examine(patient));
  return isUnknown(found)
    ? {
        summary: "cannot be told",
        troubles: [{ what: found.unknown, remedy: "It kept a look from its end: mend it first." }],
      }
    : found;
}

/** What several looks found, as the first of them says it. */
function eachOnce(troubles: readonly Trouble[]): readonly Trouble[] {
  return troubles.filter(({ what }, index) => troubles.findIndex((other) => other.what === what) === index);
}

function mark({ troubles, isLeftOut }: Examined): string {
  if (isLeftOut === true) return "-    ";
  if (!isWell(troubles)) return colour.red("wrong");
  return troubles.length > 0 ? colour.yellow("note ") : colour.green("ok   ");
}
