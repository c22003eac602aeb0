import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderJsonSchema } from "../lib/catalog/json-schema";

/** `npm run schema`: writes the JSON Schema with which editors check the catalog. Run it after a change of its fields. */
export async function schema(): Promise<number> {
  const file = join(__dirname, "..", "service-catalog", "catalog.schema.json");
  writeFileSync(file, renderJsonSchema());
  console.log(`wrote ${file}`);
  return 0;
}
