import { join } from "node:path";
import { changesBetween } from "../../../lib/catalog/changes.js";
import { declaredBy } from "../../../lib/catalog/declared.js";
import { few, MOST } from "../../cli/few.js";
import { judgeForeignKeys, readForeignKeys } from "../../consul/foreign-keys.js";
import { isUnknown, resultOf, type Unknown } from "../../platform/result.js";
import { setUpTerraform } from "../../platform/tools.js";
import type { Finding } from "../compare.js";
import { appliedIn, CATALOG_STACKS } from "../diff/applied.js";
import type { Problem } from "../problem.js";
import type { Standing } from "../standings.js";
import type { DoctorCheck } from "./doctor-check.js";

/** Declared against applied, and against what runs; nothing is planned. */
export const catalog: DoctorCheck = {
  name: "Catalog",
  needsDocker: false,
  run: async ({ settings, catalog: declared, status }) => {
    if (isUnknown(declared))
      return {
        summary: "its files have a mistake",
        problems: [{ what: declared.unknown, remedy: "`npx rollcall catalog lint` lists every mistake." }],
      };
    const pending = await resultOf(async () => {
      const terraform = await setUpTerraform(settings);
      const stateOf = (stack: string) => terraform.state(join(settings.outdir, "stacks", stack));
      const states = await Promise.all(CATALOG_STACKS.map(async (stack) => [stack, await stateOf(stack)] as const));
      return changesBetween(appliedIn(new Map(states)), declaredBy(declared)).map(({ service }) => service);
    });
    const foreign = await resultOf(async () => readForeignKeys(settings, await setUpTerraform(settings), declared));
    const wrong = isUnknown(status.catalog) ? [] : status.catalog.wrong;
    const summary = `${declared.services.length} declared, ${isUnknown(pending) ? "not known what was applied" : `${pending.length} not applied`}`;
    return {
      summary,
      problems: [...judgeCatalog(wrong, pending), ...(isUnknown(foreign) ? [] : judgeForeignKeys(foreign))],
    };
  },
};

const IN_WORDS: Readonly<Record<Standing, string>> = {
  passing: "passes",
  warning: "warns",
  critical: "is critical",
  missing: "is missing",
  differs: "is not as declared",
  twice: "is there twice",
  extra: "is declared nowhere",
};

/** @param pending services whose declaration was not applied yet */
export function judgeCatalog(wrong: readonly Finding[], pending: readonly string[] | Unknown): readonly Problem[] {
  const services: readonly Problem[] = wrong.slice(0, MOST).map(({ name, standing, why }) => ({
    what: `${name} ${IN_WORDS[standing]}: ${why}`,
    remedy: ["critical", "warning"].includes(standing)
      ? `\`npx rollcall logs ${name}\``
      : "`npx rollcall catalog audit` has the command that fixes it.",
    ...(standing === "warning" ? { isNote: true } : {}),
  }));
  return [
    ...services,
    ...(wrong.length <= MOST
      ? []
      : [
          {
            what: `${wrong.length - MOST} more services do not stand as declared`,
            remedy: "`npx rollcall verify` names all.",
          },
        ]),
    ...(isUnknown(pending) || pending.length === 0 ? [] : [notApplied(pending)]),
  ];
}

function notApplied(pending: readonly string[]): Problem {
  return {
    what: `the files have changes that were not applied, of ${few(pending)}`,
    remedy: "`npx rollcall diff` shows them, `npx rollcall up` applies them.",
    isNote: true,
  };
}
