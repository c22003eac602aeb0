import { Option } from "@commander-js/extra-typings";

/** Of every verb that tells something. */
export const JSON_OPTION = ["--json", "print JSON (docs/reference/json.md)"] as const;

/** How a report is printed. `inFormat` reads it. */
export function format() {
  return new Option("--format <format>", "how to print it")
    .choices(["text", "markdown", "json"] as const)
    .default("text" as const);
}

/** `--json` of a verb that has `--format` too. */
export function jsonInstead() {
  return new Option(...JSON_OPTION).conflicts("format");
}

/** The options of such a verb, with `--json` as the format that it stands for. */
export function inFormat<T extends { readonly json?: true | undefined }>({ json, ...options }: T) {
  return json === true ? { ...options, format: "json" as const } : options;
}
