import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { renderJsonSchema } from "../lib/catalog/json-schema.js";
import { renderSettingsDoc } from "../lib/settings/settings-doc.js";
import { renderSettingsSchema } from "../lib/settings/settings-schema.js";
import { ROLLCALL } from "../ops/cli/commands/all.js";
import { renderReference, textsOf } from "./command-texts.js";
import { renderMetricsDoc } from "./metrics-doc.js";
import { TEST_LIST, testList } from "./test/test-list.js";

const ROOT = join(import.meta.dirname, "..");

/**
 * What is committed and made from the code, by its file; a test compares each.
 * @param dev the declaration of what `dev/run.mjs` runs
 */
export function generated(dev: CommandUnknownOpts): Readonly<Record<string, () => string>> {
  return {
    "ops/cli/texts.json": () => json(textsOf(ROLLCALL)),
    "dev/cli/texts.json": () => json(textsOf(dev)),
    "docs/reference/cli.md": () => renderReference(ROLLCALL),
    "docs/reference/metrics.md": renderMetricsDoc,
    "docs/reference/settings.md": renderSettingsDoc,
    "rollcall.schema.json": renderSettingsSchema,
    "service-catalog/catalog.schema.json": renderJsonSchema,
  };
}

/** `npm run generate`: writes what is made from the code. */
export async function generate(dev: CommandUnknownOpts): Promise<number> {
  for (const [file, render] of Object.entries(generated(dev))) {
    writeFileSync(join(ROOT, file), render());
    console.log(file);
  }
  writeFileSync(TEST_LIST, testList());
  console.log("docs/tests.md");
  return 0;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
