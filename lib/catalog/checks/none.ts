import * as z from "zod";
import { text, visible } from "../text.js";

const reasonWants = "a sentence that says why nothing checks this service";

/** No check at all: the service always counts as healthy, so the reason has to be written down. */
export const noneShape = {
  kind: z.literal("none").describe("No check: the service always counts as healthy"),
  reason: text(512, reasonWants)
    .regex(/\S/, reasonWants)
    .superRefine(visible(reasonWants, "\n\t"))
    .describe("Why nothing checks this service; it stays in the catalog and is not sent to Consul"),
};
