import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Catalog } from "../../lib/catalog/types";
import type { Settings } from "../../lib/settings";
import { isUnknown, type Unknown } from "../known";
import { type SynthesizedStack, synthesize } from "../synthesize";

/**
 * The stacks as these settings declare them, for who only looks: in a folder of their own, so that what was synthesized
 * for an apply stays as it is. The folders are gone afterwards.
 * @param catalog one that cannot be read counts as empty
 */
export function declaredStacks(settings: Settings, catalog: Catalog | Unknown): readonly SynthesizedStack[] {
  const outdir = mkdtempSync(join(tmpdir(), "rollcall-look-"));
  try {
    return synthesize({ ...settings, outdir }, isUnknown(catalog) ? { teams: [], services: [], dynamic: [] } : catalog);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
