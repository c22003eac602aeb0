import { z } from "zod";

const reasonWants = "a sentence that says why nothing checks this service";

/** No check at all: the service always counts as healthy, so the reason has to be written down. */
export const noneShape = {
  kind: z.literal("none").describe("No check: the service always counts as healthy"),
  reason: z
    .string(reasonWants)
    .regex(/\S/, reasonWants)
    .max(512, reasonWants)
    .describe("Why nothing checks this service; it stays in the catalog and is not sent to Consul"),
};
