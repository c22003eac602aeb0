import { ALERT_CASES, RECORD_CASES } from "../../lib/monitoring/cases/all.js";
import { CONSTANTS } from "../../lib/monitoring/records/constants.js";
import { RED } from "../../lib/monitoring/records/red.js";
import { COMMON_RULES } from "../../lib/monitoring/rules.js";
import { APPLICATION_CASES, APPLICATION_RULES } from "./applications.js";
import type { Subject } from "./mutants.js";

const FILES = [...COMMON_RULES, APPLICATION_RULES];

/** All rules, with a service that exports metrics, and all their cases. */
export const SUBJECT: Subject = {
  files: FILES,
  alerts: ALERT_CASES,
  records: [...RECORD_CASES, [APPLICATION_RULES.name, APPLICATION_CASES]],
  names: [
    ...new Set([
      ...Object.values(CONSTANTS),
      ...Object.values(RED),
      ...FILES.flatMap(({ groups }) => groups.flatMap(({ records }) => records.map(({ record }) => record))),
    ]),
  ].sort(),
};
