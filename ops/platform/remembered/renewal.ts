import { z } from "zod";
import type { State } from "../../terraform/state-text.js";

const HOUR_MS = 3_600_000;

/** What the TLS provider's certificates have; it plans a new one in the last hours of the old one. */
const certificateSchema = z.object({ validity_end_time: z.string(), early_renewal_hours: z.number() });

/** Whether a state has a certificate that a plan would replace for its age alone. Pure. @param now in milliseconds */
export function isRenewalDue({ resources }: State, now: number): boolean {
  return resources
    .filter(({ type }) => type.startsWith("tls_") && type.endsWith("_cert"))
    .flatMap(({ instances }) => instances.map(({ attributes }) => certificateSchema.parse(attributes)))
    .some((each) => Date.parse(each.validity_end_time) - each.early_renewal_hours * HOUR_MS <= now);
}
