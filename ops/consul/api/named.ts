import * as z from "zod";

/** Something in Consul that has an id and a name. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

export const namedSchema = z
  .object({ ID: z.string(), Name: z.string() })
  .transform(({ ID, Name }): Named => ({ id: ID, name: Name }));
