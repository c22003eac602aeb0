import { COMMON_RULES } from "../rules.js";
import { ALERTING } from "./alerting.js";
import { AVAILABILITY_CASES } from "./availability-records.js";
import type { AlertCases, RecordCases } from "./case.js";
import { CLUSTER } from "./cluster.js";
import { MANY_SERVICES } from "./many-services.js";
import { LONG_SLO_CASES, MINUTE_CASES, PROBE_CASES, REQUEST_CASES, SLO_CASES } from "./measured-records.js";
import { ONE_CAUSE } from "./one-cause.js";
import { PLATFORM } from "./platform.js";
import { PROBES_FROM_OUTSIDE } from "./probes.js";
import { renderAlertTests, renderRecordTests, type TestedRules } from "./render-tests.js";
import { REQUESTS_AND_SLO } from "./requests-and-slo.js";
import { SERVICE_STATE } from "./service-state.js";
import { UPKEEP } from "./upkeep.js";

/** The cases of every alert. */
export const ALERT_CASES: readonly AlertCases[] = [
  ...SERVICE_STATE,
  ...MANY_SERVICES,
  ...PLATFORM,
  ...ALERTING,
  ...UPKEEP,
  ...CLUSTER,
  ...PROBES_FROM_OUTSIDE,
  ...REQUESTS_AND_SLO,
];

/** The cases of the records that a file of rules has, by the file. */
export const RECORD_CASES: readonly (readonly [file: string, cases: RecordCases])[] = [
  ["services.rules.yml", AVAILABILITY_CASES],
  ["probes.rules.yml", PROBE_CASES],
  ["requests.rules.yml", REQUEST_CASES],
  ["slo.rules.yml", MINUTE_CASES],
  ["slo.rules.yml", SLO_CASES],
  ["slo.rules.yml", LONG_SLO_CASES],
];

/**
 * The tests of the rules that are the same for every platform, by the names of their files.
 * @param rulesFolder where the rules are, seen from the tests
 * @param runbooks where the rules say that the runbooks are
 */
export function testFiles(rulesFolder: string, runbooks: string): Readonly<Record<string, string>> {
  const alerts = ALERT_CASES.map((cases) => {
    const file = COMMON_RULES.find(({ groups }) => groups.some(({ alerts }) => alerts.includes(cases.alert)));
    return [`${cases.alert.alert}.test.yml`, renderAlertTests(cases, tested(rulesFolder, file?.name ?? "", runbooks))];
  });
  const records = RECORD_CASES.map(([file, cases]) => [
    `${cases.name}.test.yml`,
    renderRecordTests(cases, tested(rulesFolder, file, runbooks)),
  ]);
  const everything = {
    files: COMMON_RULES.map(({ name }) => `${rulesFolder}/${name}`),
    groups: COMMON_RULES.flatMap(({ groups }) => groups.map(({ name }) => name)),
    runbooks,
  };
  return Object.fromEntries([...alerts, ...records, ["one-cause.test.yml", renderRecordTests(ONE_CAUSE, everything)]]);
}

/** A file of rules that is the same for every platform, seen from the tests. */
function tested(folder: string, name: string, runbooks: string): TestedRules {
  const groups = COMMON_RULES.filter((file) => file.name === name).flatMap((file) => file.groups);
  return { files: [`${folder}/${name}`], groups: groups.map((group) => group.name), runbooks };
}
