import { readFileSync } from "node:fs";
import { join } from "node:path";
import { renderJsonSchema } from "../../../../lib/catalog/json-schema.js";

const folder = join(import.meta.dirname, "..", "..", "..", "..", "service-catalog");
const schema = JSON.parse(renderJsonSchema());
const service = schema.properties.services.additionalProperties;

test("catalog.schema.json is what the code says; otherwise run npm run generate", () => {
  expect(readFileSync(join(folder, "catalog.schema.json"), "utf8")).toBe(renderJsonSchema());
});

test.each(["user-services.yaml", "ai-services.yaml", "grpc-services.yaml"])("%s tells an editor its schema", (name) => {
  const [first] = readFileSync(join(folder, name), "utf8").split("\n");
  expect(first).toBe("# yaml-language-server: $schema=./catalog.schema.json");
});

test("an editor asks for no more than team, services and a port, instances or dynamic", () => {
  expect(schema.required).toEqual(["team", "services"]);
  expect(service.required).toBeUndefined();
  expect(service.anyOf).toEqual([{ required: ["port"] }, { required: ["instances"] }, { required: ["dynamic"] }]);
  expect(service.properties.instances.items.required).toEqual(["id"]);
  expect(schema.properties.defaults).not.toHaveProperty("required");
});

test("an editor asks for a complete check in defaults, without its method, and for any part of one in a service", () => {
  const required = (kinds: { required?: string[] }[]) => kinds.map((kind) => kind.required);
  expect(required(schema.properties.defaults.properties.check.oneOf)).toEqual([
    ["kind", "interval", "timeout"],
    ["kind", "interval", "timeout"],
    ["kind", "interval", "timeout"],
    ["kind", "user", "interval", "timeout"],
    ["kind", "interval", "timeout"],
    ["kind", "interval", "timeout"],
    ["kind", "ttl"],
    ["kind", "service"],
    ["kind", "reason"],
  ]);
  expect(required(service.properties.check.anyOf)).toEqual(Array(9).fill(undefined));
});

test("every text, list and mapping that a pull request can set has a longest length", () => {
  // A file is at most 1 MiB, and that bounds its services; the pattern of an unbounded text could work for hours (W5).
  const unbounded: string[] = [];
  const walk = (node: Record<string, unknown>, path: string) => {
    const isChoice = "enum" in node || "const" in node;
    if (node.type === "string" && !isChoice && node.maxLength === undefined) unbounded.push(path);
    if (node.type === "array" && node.maxItems === undefined) unbounded.push(path);
    const isMap = typeof node.additionalProperties === "object";
    if (isMap && node.maxProperties === undefined && path !== "/properties/services") unbounded.push(path);
    for (const [key, inner] of Object.entries(node))
      if (typeof inner === "object" && inner !== null) walk(inner as Record<string, unknown>, `${path}/${key}`);
  };
  walk(schema, "");
  expect(unbounded).toEqual([]);
});

test("an editor refuses unknown fields everywhere and explains every known one", () => {
  const seen: string[] = [];
  const walk = (node: { properties?: object; additionalProperties?: unknown; anyOf?: []; oneOf?: [] }) => {
    if (node.properties) expect(node.additionalProperties).toBe(false);
    for (const [name, field] of Object.entries(node.properties ?? {})) {
      seen.push(name);
      expect([name, field.description]).toEqual([name, expect.stringMatching(/.{20}/)]);
      walk(field);
    }
    for (const part of [...(node.anyOf ?? []), ...(node.oneOf ?? [])]) walk(part);
  };
  walk(schema);
  walk(service);
  expect(seen).toEqual(expect.arrayContaining(["team", "defaults", "services", "port", "interval", "reason"]));
});
