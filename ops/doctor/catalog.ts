import { join } from "node:path";
import { changesBetween } from "../../lib/catalog/changes";
import { declaredBy } from "../../lib/catalog/declared";
import type { Finding, Standing } from "../compare";
import { appliedIn, CATALOG_STACKS } from "../diff/applied";
import { few, MOST } from "../few";
import { judgeForeignKeys, readForeignKeys } from "../foreign-keys";
import { isUnknown, known, type Unknown } from "../known";
import { setUpTerraform } from "../tools";
import type { Trouble } from "../trouble";
import type { Examination } from "./examination";

/** Declared against applied, and against what runs; nothing is planned. */
export const catalog: Examination = {
  name: "Catalog",
  needsDocker: false,
  examine: async ({ settings, catalog: declared, status }) => {
    if (isUnknown(declared))
      return {
        summary: "its files have a mistake",
        troubles: [{ what: declared.unknown, remedy: "`npm run catalog -- lint` tells all." }],
      };
    const pending = await known(async () => {
      const terraform = await setUpTerraform(settings);
      const stateOf = (stack: string) => terraform.state(join(settings.outdir, "stacks", stack));
      const states = await Promise.all(CATALOG_STACKS.map(async (stack) => [stack, await stateOf(stack)] as const));
      return changesBetween(appliedIn(new Map(states)), declaredBy(declared)).map(({ service }) => service);
    });
    const foreign = await known(async () => readForeignKeys(settings, await setUpTerraform(settings), declared));
    const wrong = isUnknown(status.catalog) ? [] : status.catalog.wrong;
    const summary = `${declared.services.length} declared, ${isUnknown(pending) ? "not known what was applied" : `${pending.length} not applied`}`;
    return {
      summary,
      troubles: [...judgeCatalog(wrong, pending), ...(isUnknown(foreign) ? [] : judgeForeignKeys(foreign))],
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
export function judgeCatalog(wrong: readonly Finding[], pending: readonly string[] | Unknown): readonly Trouble[] {
  const services: readonly Trouble[] = wrong.slice(0, MOST).map(({ name, standing, why }) => ({
    what: `${name} ${IN_WORDS[standing]}: ${why}`,
    remedy: ["critical", "warning"].includes(standing)
      ? `\`npm run logs -- ${name}\``
      : "`npm run catalog -- audit` has the command that mends it.",
    ...(standing === "warning" ? { isNote: true } : {}),
  }));
  return [
    ...services,
    ...(wrong.length <= MOST
      ? []
      : [
          {
            what: `${wrong.length - MOST} more services do not stand as declared`,
            remedy: "`npm run verify` names all.",
          },
        ]),
    ...(isUnknown(pending) || pending.length === 0 ? [] : [notApplied(pending)]),
  ];
}

function notApplied(pending: readonly string[]): Trouble {
  return {
    what: `the files have changes that were not applied, of ${few(pending)}`,
    remedy: "`npm run diff` shows them, `npm run up` applies them.",
    isNote: true,
  };
}
