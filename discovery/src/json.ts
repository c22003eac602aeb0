/** A JSON object, as far as nothing is known of it. */
export type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The elements of a list; [] of anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The text in a field; "" where there is none. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The number in a field; the other where there is none. */
export function numberOf(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
}

/** The strings of a list, without other values. */
export function textsOf(value: unknown): readonly string[] {
  return listOf(value).filter((each) => typeof each === "string");
}

/** The pairs of an object whose value is a text, a number or a boolean, as texts. */
export function pairsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isJson(value)) return {};
  const simple = Object.entries(value).filter(([, each]) => ["string", "number", "boolean"].includes(typeof each));
  return Object.fromEntries(simple.map(([name, each]) => [name, String(each)]));
}
