import * as z from "zod";
import { teamFileSchema } from "./schema.js";

/**
 * The JSON Schema of a catalog file, as the text of `service-catalog/catalog.schema.json`: an editor completes,
 * explains and checks with it. Draft 7, which every editor knows. Rules about two fields, such as a timeout longer
 * than its interval, are `readCatalog`'s alone.
 */
export function renderJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(teamFileSchema, { target: "draft-7", io: "input" }), null, 2)}\n`;
}
