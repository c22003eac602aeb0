import * as z from "zod";
import type { RenderedCheck } from "../definition-schema.js";
import { INSTANCE_ID } from "../fields.js";
import { text } from "../text.js";

const wants = "the name of a service of the catalog, or the id of one of its instances";

/** Another service's health: critical while that is. */
export const aliasShape = {
  kind: z
    .literal("alias")
    .describe("The health of another service of the catalog, for one that stands and falls with it"),
  service: text(60, wants)
    .regex(INSTANCE_ID, wants)
    .describe("That service; of one with several instances, the id of one of them"),
};

/** The check as Consul is to make it. */
export function renderAlias({ service }: { readonly service: string }): RenderedCheck {
  return { name: `Health of ${service}`, alias_service: service };
}
