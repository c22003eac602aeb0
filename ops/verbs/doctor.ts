import { readCatalog } from "../../lib/catalog/read-catalog.js";
import { printable } from "../../lib/printable.js";
import { readSettings } from "../../lib/settings.js";
import { colour } from "../cli/colour.js";
import { stopIfInterrupted } from "../cli/interrupt.js";
import { report } from "../cli/progress.js";
import { listAll } from "../docker/docker-host.js";
import { isUnknown, resultOf } from "../platform/result.js";
import { catalog } from "../report/doctor/catalog.js";
import { clocks } from "../report/doctor/clocks.js";
import { disks } from "../report/doctor/disks.js";
import type { DoctorCheck, DoctorContext, DoctorResult } from "../report/doctor/doctor-check.js";
import { drift } from "../report/doctor/drift.js";
import { engine } from "../report/doctor/engine.js";
import { leftovers } from "../report/doctor/leftovers.js";
import { memory } from "../report/doctor/memory.js";
import { modes } from "../report/doctor/modes.js";
import { names } from "../report/doctor/names.js";
import { networks } from "../report/doctor/networks.js";
import { ports } from "../report/doctor/ports.js";
import { versions } from "../report/doctor/versions.js";
import { doctorJson, type Verdict, verdictOf } from "../report/json/doctor-json.js";
import { printJson } from "../report/json/print-json.js";
import { isWell, type Problem } from "../report/problem.js";
import { judgeStatus } from "../report/status/judge.js";
import { readStatus } from "../report/status/read-status.js";
import { renderProblems } from "../report/status/render.js";

/** Everything that could be wrong, what the rest stands on first. */
const EXAMINATIONS: readonly DoctorCheck[] = [
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

/** What `doctor` is asked for. */
export interface DoctorOptions {
  /** Whether JSON is printed: `DoctorJson`. @default false */
  readonly json?: boolean | undefined;
}

/** `npx rollcall doctor`: what is wrong, each with its remedy; changes nothing. Exit code 1 where something is wrong. */
export async function doctor({ json: isJson = false }: DoctorOptions = {}): Promise<number> {
  const settings = readSettings();
  report("reading the state of every service");
  const status = await readStatus(settings);
  const containers = await resultOf(() => listAll("container"));
  const context: DoctorContext = {
    settings,
    status,
    catalog: await resultOf(async () => readCatalog(settings.catalogFolder)),
    containers: isUnknown(containers) ? [] : containers,
  };
  // The services are told one by one below.
  const services = isUnknown(status.catalog) ? status.catalog : { ...status.catalog, wrong: [] };
  const before = judgeStatus({ ...status, catalog: services });
  const looks: (DoctorResult & { readonly name: string })[] = [];
  for (const each of EXAMINATIONS) {
    stopIfInterrupted();
    const found = await examineWith(each, context);
    if (!isJson) console.log(`${each.name.padEnd(10)} ${mark(found)}  ${printable(found.summary)}`);
    looks.push({ ...found, name: each.name });
  }
  const problems = eachOnce([...before, ...looks.flatMap((look) => look.problems)]);
  if (isJson) printJson(doctorJson(looks, problems));
  else console.log(`\n${renderProblems(problems)}`);
  return isWell(problems) ? 0 : 1;
}

async function examineWith({ needsDocker, run }: DoctorCheck, context: DoctorContext): Promise<DoctorResult> {
  if (needsDocker && isUnknown(context.status.docker))
    return { summary: "not looked at: Docker does not answer", problems: [], isLeftOut: true };
  const found = await resultOf(() => run(context));
  return isUnknown(found)
    ? {
        summary: "unknown",
        problems: [{ what: found.unknown, remedy: "This check could not finish: fix that first." }],
      }
    : found;
}

/** What several looks found, as the first of them says it. */
function eachOnce(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter(({ what }, index) => problems.findIndex((other) => other.what === what) === index);
}

function mark(found: DoctorResult): string {
  return MARKS[verdictOf(found)];
}

/** All of one width. */
const MARKS: Readonly<Record<Verdict, string>> = {
  skipped: "-    ",
  wrong: colour.red("wrong"),
  note: colour.yellow("note "),
  ok: colour.green("ok   "),
};
