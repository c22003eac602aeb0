import { type Asked, readArguments } from "../../ops/command-line.cjs";

/** What a verb is given for these arguments; throws where they are refused, with the reason. */
export function askedOf(verb: string, args: readonly string[] = []): Asked {
  const read = readArguments(verb, args);
  if ("refusal" in read) throw new Error(`${read.refusal.message}\n${read.refusal.remedy}`);
  return read.asked;
}
