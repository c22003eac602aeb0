/** A text that is not JSON, or says one thing twice. */
export class NotStrict extends Error {}

/** A string, or one sign that opens, closes or parts; all else of valid JSON needs no look. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs;

/**
 * Reads JSON as `JSON.parse` does, and refuses a key that is given twice: two readers would take different ones of the two.
 * Neither is `__proto__` taken, which JavaScript has for something else.
 * @throws NotStrict with the path of what is wrong, without values
 */
export function parseStrict(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new NotStrict("value: not valid JSON");
  }
  refuseTwice(text);
  return value;
}

/**
 * A path as people write it, such as `checks[0].interval`; "" of the whole. What is no plain name in it comes from the value,
 * and is not shown.
 */
export function writtenPath(path: readonly PropertyKey[]): string {
  const parts = path.map((part) =>
    typeof part === "number"
      ? `[${part}]`
      : `.${String(part)
          .replace(/[^A-Za-z0-9_-]/g, "?")
          .slice(0, 100)}`,
  );
  return parts.join("").replace(/^\./, "");
}

interface Level {
  /** The keys so far; undefined in a list. */
  readonly keys?: Set<string>;
  /** The key, or in a list the place, whose value is read. */
  at: string | number;
}

function refuseTwice(text: string): void {
  const levels: Level[] = [];
  let isKey = false;
  for (const [token] of text.matchAll(TOKEN)) {
    const level = levels.at(-1);
    if (token === "{") levels.push({ keys: new Set(), at: "" });
    else if (token === "[") levels.push({ at: 0 });
    else if (token === "}" || token === "]") levels.pop();
    else if (token === "," && typeof level?.at === "number") level.at += 1;
    else if (token.startsWith('"') && isKey && level?.keys !== undefined) {
      const key: unknown = JSON.parse(token);
      level.at = String(key);
      const path = writtenPath(levels.map(({ at }) => at));
      if (level.keys.has(String(key))) throw new NotStrict(`${path}: given twice`);
      if (key === "__proto__") throw new NotStrict(`${path}: not a name that a field may have`);
      level.keys.add(String(key));
    }
    isKey = token === "{" || (token === "," && levels.at(-1)?.keys !== undefined);
  }
}
