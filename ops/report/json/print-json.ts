import { printableLines } from "../../../lib/printable.js";

/** Prints a verb's answer for programs: JSON and nothing else on standard output, without control characters. */
export function printJson(value: object): void {
  console.log(printableLines(JSON.stringify(value, null, 2)));
}
