import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeWhole } from "../../lib/backup/backup-files.js";
import type { Settings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";

/** A restore that was begun, and how far it came. */
export interface Begun {
  readonly file: string;
  /** Whether Terraform's state is in place: from then on it knows what was made, and must not be put back again. */
  readonly installed: boolean;
  /** When, in ISO 8601 and UTC. @default - not known: of an older commit */
  readonly since?: string | undefined;
}

const MARKER = "restoring";

const begunSchema = z.object({ file: z.string(), installed: z.boolean(), since: z.string().optional() });

/** The restore that did not come to its end; undefined where there is none. */
export function begunRestore({ stateFolder }: Settings): Begun | undefined {
  const marker = join(stateFolder, MARKER);
  return existsSync(marker) ? begunSchema.parse(JSON.parse(readFileSync(marker, "utf8"))) : undefined;
}

export function markBegun({ stateFolder }: Settings, begun: Begun): void {
  writeWhole(stateFolder, MARKER, Buffer.from(JSON.stringify(begun)));
}

export function markEnded({ stateFolder }: Settings): void {
  rmSync(join(stateFolder, MARKER), { force: true });
}

/** Between its steps Consul and Terraform's state do not belong together: nothing else may be applied. @throws UserError */
export function refuseHalfRestored(settings: Settings): void {
  const begun = begunRestore(settings);
  if (begun !== undefined)
    throw new UserError(
      `The restore of ${begun.file} did not come to its end`,
      `Run \`npx rollcall restore ${begun.file}\` again, which ends it.`,
    );
}
