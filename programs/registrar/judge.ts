import { isUtf8 } from "node:buffer";
import { judgeDefinition, LONGEST_VALUE, type ServiceDefinition } from "../../lib/catalog/definition-schema.js";
import { NotStrict, parseStrict } from "../../lib/catalog/strict-json.js";
import { keyWanted, type Place, placeOfKey, shownKey } from "./names.js";

/** A key of Consul KV with its value, in base64. */
export interface Entry {
  readonly key: string;
  readonly value: string;
}

/** A service that is to be at the agent. */
export interface Target {
  readonly place: Place;
  /** Its definition, as compact JSON. */
  readonly text: string;
}

/** What a state of KV asks for. */
export interface Judgement {
  /** By the service's id. */
  readonly wanted: ReadonlyMap<string, Target>;
  /** Ids whose key is there and whose value is refused, though an earlier one was not: they stay as they are. */
  readonly kept: ReadonlySet<string>;
  /** Reasons by key, as they are shown. */
  readonly refused: ReadonlyMap<string, string>;
}

type Verdict = { readonly text: string } | { readonly fault: string };

/** Judges what is in KV. A value that it knows already is not read again. */
export class Judge {
  private known = new Map<string, { readonly value: string; readonly verdict: Verdict }>();

  constructor(private readonly prefix: string) {}

  /**
   * @param holders the key that has each id now: it keeps it for as long as it is there, so that no other team's takes it
   */
  judge(entries: readonly Entry[], holders: ReadonlyMap<string, string>): Judgement {
    const known: typeof this.known = new Map();
    const wanted = new Map<string, Target>();
    const kept = new Set<string>();
    const refused = new Map<string, string>();
    const keys = new Set(entries.map(({ key }) => key));
    const holder = new Map([...holders].filter(([, key]) => keys.has(key)));
    for (const { key, value } of entries) {
      const place = placeOfKey(this.prefix, key);
      if (place === undefined) {
        refused.set(shownKey(key), keyWanted(this.prefix));
        continue;
      }
      const held = holder.get(place.id);
      if (held !== undefined && held !== key) {
        refused.set(key, `the name is taken by ${held}`);
        continue;
      }
      const before = this.known.get(key);
      const verdict = before?.value === value ? before.verdict : weigh(place, value);
      known.set(key, { value, verdict });
      if ("text" in verdict) {
        holder.set(place.id, key);
        wanted.set(place.id, { place, text: verdict.text });
      } else {
        if (held !== undefined) kept.add(place.id);
        refused.set(key, held === undefined ? verdict.fault : `${verdict.fault}; the earlier definition stays`);
      }
    }
    this.known = known;
    return { wanted, kept, refused };
  }
}

/** Judges one value in base64 by its place. */
function weigh(place: Place, value: string): Verdict {
  if (value.length > (LONGEST_VALUE / 3) * 4 + 3) return tooLong();
  const bytes = Buffer.from(value, "base64");
  if (bytes.length > LONGEST_VALUE) return tooLong();
  if (!isUtf8(bytes)) return { fault: "value: not UTF-8" };
  try {
    return weighText(place, bytes.toString("utf8"));
  } catch (error) {
    if (error instanceof NotStrict) return { fault: error.message };
    throw error;
  }
}

function tooLong(): Verdict {
  return { fault: `value: longer than ${LONGEST_VALUE} bytes` };
}

function weighText(place: Place, text: string): Verdict {
  const judged = judgeDefinition(parseStrict(text));
  if ("fault" in judged) return judged;
  const fault = misplaced(place, judged.definition);
  return fault === undefined ? { text: JSON.stringify(judged.definition) } : { fault };
}

/** Why a sound definition does not belong under a key; its name and its team are what the key says. */
function misplaced({ id, name, team }: Place, said: ServiceDefinition): string | undefined {
  if (said.name !== name) return "name: must be the service in the key";
  if (said.id !== id) return "id: must be the last part of the key";
  return said.meta.team === team ? undefined : "meta.team: must be the team in the key";
}
