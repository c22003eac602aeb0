import * as z from "zod";
import { type Declaration, declarationOf, GROUPS, isInFile, KEYS, type Key, TABLE } from "./table.js";

/** A JSON Schema as we write it. */
interface JsonSchema {
  readonly type: "object";
  readonly description?: string;
  readonly additionalProperties: false;
  readonly properties: Readonly<Record<string, object>>;
}

/**
 * The JSON Schema of a settings file, as the text of `rollcall.schema.json`: an editor completes, explains and checks with
 * it. Draft 7, which every editor knows. Rules about two settings are `readSettings`' alone.
 */
export function renderSettingsSchema(): string {
  const inFile = KEYS.filter((key) => isInFile(declarationOf(key)));
  const named = (group: string) => inFile.filter((key) => declarationOf(key).name.startsWith(`${group}.`));
  const single = inFile.filter((key) => !declarationOf(key).name.includes("."));
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Rollcall settings",
    ...mapping({
      ...propertiesOf(single),
      // An empty group is one in which every line is a comment.
      ...Object.fromEntries(
        Object.entries(GROUPS).map(([group, means]) => [
          group,
          { description: means, anyOf: [mapping(propertiesOf(named(group))), { type: "null" }] },
        ]),
      ),
    }),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function mapping(properties: Readonly<Record<string, object>>): JsonSchema {
  return { type: "object", additionalProperties: false, properties };
}

function propertiesOf(keys: readonly Key[]): Readonly<Record<string, object>> {
  return Object.fromEntries(
    keys.map((key) => {
      const declaration = declarationOf(key);
      const { $schema: _, ...schema } = z.toJSONSchema(TABLE.shape[key], { target: "draft-7", io: "input" });
      return [declaration.name.split(".").at(-1) ?? "", { description: descriptionOf(declaration), ...schema }];
    }),
  );
}

function descriptionOf({ means, variable, default: usual, defaultWords = usual }: Declaration): string {
  return `${means}. Default: ${defaultWords ?? "none"}. The variable ${variable} goes before it.`;
}
