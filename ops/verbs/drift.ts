import { readSettings } from "../../lib/settings.js";
import { exitCode, type Format, render } from "../report/diff/report.js";
import { readDrift } from "../report/drift.js";

/** What `drift` is asked for. */
export interface DriftOptions {
  /** @default "text" */
  readonly format?: Format | undefined;
}

/**
 * `npx rollcall drift`: what runs against what was applied; changes nothing. In containers, networks, volumes, tokens and KV
 * as Terraform reads them, worded as what `up` would do to fix it; and in the services that Consul has.
 * Exit code 0 for no drift, 2 for some, 1 where something cannot be said.
 */
export async function drift({ format = "text" }: DriftOptions): Promise<number> {
  const { report } = await readDrift(readSettings());
  console.log(render(report, format, "What Consul has is what was applied."));
  return exitCode(report);
}
