import { homedir } from "node:os";
import { join, resolve } from "node:path";
import * as z from "zod";
import { hostHeader } from "../host-header.js";

/** What a setting takes, in a variable and in the file. */
export interface Value<Schema extends z.ZodType> {
  /** What the file may say; its output is what the setting is. */
  readonly schema: Schema;
  /** What a variable says, as the file would say it. */
  readonly fromText: (text: string) => unknown;
  /** The end of "It takes …", of a value in the file. */
  readonly takes: string;
  /** The same of a variable. @default - as in the file */
  readonly takesText?: string;
}

/** Docker's own networks: nobody on them is found by a name. `none` alone says that there is no network. */
const BUILT_IN = new Set(["bridge", "host", "none"]);

const asItIs = (text: string) => text;
const asNumber = (text: string) => (/^\d+$/.test(text) ? Number(text) : text);
const asList = (text: string) => (text === "none" ? [] : text.split(",").filter(Boolean));

const asReadonly = (list: readonly string[]): readonly string[] => list;

/** A whole number of this range. */
export function integer(min: number, max: number) {
  const takes = `a whole number from ${min} to ${max}`;
  return { schema: z.int().min(min).max(max), fromText: asNumber, takes } satisfies Value<z.ZodType>;
}

/** One of these numbers. */
export function oneOfNumbers(numbers: readonly number[]) {
  return {
    schema: z.literal([...numbers]),
    fromText: asNumber,
    takes: numbers.join(" or "),
  } satisfies Value<z.ZodType>;
}

/** One of these words. */
export function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  return { schema: z.enum(words), fromText: asItIs, takes: words.join(" or ") } satisfies Value<z.ZodType>;
}

/** On or off; in the file also true or false, as YAML writes it. */
export function onOff() {
  return {
    schema: z.union([z.boolean(), z.enum(["on", "off"])]).transform((given) => given === true || given === "on"),
    fromText: (text: string) => (text === "on" ? true : text === "off" ? false : text),
    takes: "true or false",
    takesText: "on or off",
  } satisfies Value<z.ZodType>;
}

/** A text of this form. */
export function matching(pattern: RegExp, takes: string) {
  return { schema: z.string().regex(pattern), fromText: asItIs, takes } satisfies Value<z.ZodType>;
}

/** What stands before each name on the Docker host; "" for nothing, which a variable calls `none`. */
export function prefix() {
  return {
    schema: z
      .string()
      .regex(/^(none|[a-z][a-z0-9-]{0,15}-)?$/)
      .transform((given) => (given === "none" ? "" : given)),
    fromText: (text: string) => (text === "none" ? "" : text),
    takes: "lower-case letters, digits and a final -, such as two-, or none",
  } satisfies Value<z.ZodType>;
}

/** Any text but an empty one. */
export function text(takes: string) {
  return { schema: z.string().min(1), fromText: asItIs, takes } satisfies Value<z.ZodType>;
}

/** A folder, as an absolute path. */
export function folder() {
  const schema = z
    .string()
    .min(1)
    .transform((path) => resolve(path));
  return { schema, fromText: asItIs, takes: "the path of a folder" } satisfies Value<z.ZodType>;
}

/** The folder of our own in a cache; `~` is the person's home. */
export function cache() {
  const schema = z
    .string()
    .min(1)
    .transform((path) => join(path.replace(/^~(?=\/|$)/, homedir()), "rollcall"));
  return { schema, fromText: asItIs, takes: "the path of a folder" } satisfies Value<z.ZodType>;
}

/** A /24 that a Docker network of this host can have. */
export function subnet() {
  return {
    schema: z
      .string()
      .regex(/^(\d{1,3}\.){3}0\/24$/)
      .refine(isUsable),
    fromText: asItIs,
    takes: "a /24 like 172.30.241.0/24",
  } satisfies Value<z.ZodType>;
}

function isUsable(given: string): boolean {
  const parts = given.split(/[./]/).slice(0, 3).map(Number);
  // Nobody's, this machine's alone, a link's alone, and those of no machine.
  const [first = 0, second = 0] = parts;
  const isSomebodys = ![0, 127].includes(first) && first < 224 && !(first === 169 && second === 254);
  return isSomebodys && parts.every((part) => part <= 255) && !/(^|\.)0\d/.test(given);
}

/** A list of these words. */
export function wordsOf(words: readonly [string, ...string[]]) {
  const takes = `a list of ${words.join(", ")}`;
  return {
    ...{ schema: z.array(z.enum(words)).transform(asReadonly), fromText: asList, takes },
    takesText: `a list with commas of ${words.join(", ")}`,
  } satisfies Value<z.ZodType>;
}

/** Names of Docker networks, each once. */
export function networkNames() {
  const name = z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/)
    .refine((each) => !BUILT_IN.has(each));
  const why = "Docker's own (bridge, host) have no names in DNS";
  return {
    schema: z
      .array(name)
      .refine((names) => new Set(names).size === names.length)
      .transform(asReadonly),
    fromText: asList,
    takes: `a list of names of Docker networks, each once; ${why}`,
    takesText: `names of Docker networks in a list with commas, each once, or none alone; ${why}`,
  } satisfies Value<z.ZodType>;
}

/** Names and addresses of hosts, as a browser sends them; each once. */
export function hostNames() {
  const host = z.string().transform((given, context) => {
    const name = hostHeader(given);
    if (name !== undefined) return name;
    context.addIssue({ code: "custom", message: "no host" });
    return z.NEVER;
  });
  const form = "none with a scheme, a port or a path, such as consul.example.com";
  return {
    schema: z.array(host).transform((hosts): readonly string[] => [...new Set(hosts)]),
    fromText: asList,
    takes: `a list of host names or addresses, ${form}`,
    takesText: `host names or addresses in a list with commas, ${form}; or none alone`,
  } satisfies Value<z.ZodType>;
}

/** What says of a value that it is a secret: it is shown nowhere. */
export const SECRET = "is a secret key";

/** Whether a text has a secret age key in it. */
export function hasSecretKey(given: string): boolean {
  return /AGE-SECRET-KEY-/i.test(given);
}

const withoutSecretKey = () => z.string().refine((given) => !hasSecretKey(given), { message: SECRET, abort: true });

/** Public keys of age. The secret one in their place is the one mistake that would put a secret into a log. */
export function ageRecipients() {
  return {
    schema: z.array(withoutSecretKey().regex(/^age1[0-9a-z]+$/)).transform(asReadonly),
    fromText: asList,
    takes: "a list of public age keys (age1…)",
    takesText: "public age keys (age1…) in a list with commas, or none",
  } satisfies Value<z.ZodType>;
}

/** The path of a file with a secret age key: not the key itself. */
export function keyFile() {
  const takes = "the path of the file that has the secret age key";
  return { schema: withoutSecretKey().min(1), fromText: asItIs, takes } satisfies Value<z.ZodType>;
}

/** The path of a file; undefined for `none`. */
export function fileOrNone(takes: string) {
  const schema = z
    .string()
    .min(1)
    .transform((given): string | undefined => (given === "none" ? undefined : given));
  return { schema, fromText: asItIs, takes } satisfies Value<z.ZodType>;
}

const UNITS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 };

/** A time between two runs, in seconds; undefined for `off`. */
export function interval() {
  const schema = z.string().regex(/^(off|[1-9]\d{0,4}[mhd])$/);
  return {
    schema: schema.transform((given): number | undefined =>
      given === "off" ? undefined : Number.parseInt(given, 10) * (UNITS[given.slice(-1)] ?? 0),
    ),
    fromText: asItIs,
    takes: "minutes, hours or days, such as 30m, 6h or 1d, or off",
  } satisfies Value<z.ZodType>;
}

/** A setting that may be left out, and has no default in words. */
export function optional<Schema extends z.ZodType>(value: Value<Schema>) {
  return { ...value, schema: value.schema.optional() };
}
