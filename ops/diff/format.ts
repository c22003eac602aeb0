import type { Asked } from "../command-line.cjs";
import { FORMATS, type Format } from "./report";

/** How a verb is to print its report: what `--format` names, which its usage has checked. @default "text" */
export function formatOf(named: Asked["named"]): Format {
  return FORMATS.find((each) => each === named.get("format")) ?? "text";
}
