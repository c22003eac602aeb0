import pc from "picocolors";

/** Colours on a terminal alone, and never where NO_COLOR is set; the library alone would colour in every CI too. */
export const colour = colourFor(process.stdout);

/** The same for what is written to this stream. */
export function colourFor({ isTTY }: { readonly isTTY?: boolean }): ReturnType<typeof pc.createColors> {
  return pc.createColors(isTTY === true && pc.isColorSupported);
}
