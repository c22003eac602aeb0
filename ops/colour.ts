import pc from "picocolors";

/** Colours on a terminal alone, and never where NO_COLOR is set; the library alone would colour in every CI too. */
export const colour = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);
