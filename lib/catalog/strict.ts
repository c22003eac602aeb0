import * as z from "zod";

/**
 * A mapping with exactly these fields. The error text of an unknown one is the list of the known ones, from which
 * `explain` takes the nearest.
 * @param wants what the value must be, for a message such as "check is 5; write a mapping with …"
 */
export function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape, wants: string) {
  const words = Object.keys(shape).join(" ");
  return z.strictObject(shape, { error: (issue) => (issue.code === "unrecognized_keys" ? words : wants) });
}
