import pc from "picocolors";

/** Colours on a terminal alone, and never where NO_COLOR is set; the library alone would colour in every CI too. */
export const colour = colourFor(process.stdout);

/** The same for what is written to this stream. `--color` and `--no-color` decide, where one was typed. */
export function colourFor(
  { isTTY }: { readonly isTTY?: boolean },
  argv: readonly string[] = process.argv,
): ReturnType<typeof pc.createColors> {
  if (argv.includes("--no-color")) return pc.createColors(false);
  return pc.createColors(argv.includes("--color") || (isTTY === true && pc.isColorSupported));
}
