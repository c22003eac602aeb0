import * as z from "zod";
import { writtenPath } from "./strict-json.js";

/*
 * What a service definition may be, in Consul's words: the one rule for what synth renders, what Consul KV may hold and
 * what the registrar puts before the agent. An agent that cannot load one file does not start, so this refuses all that
 * the agent's loader does.
 */

/** The longest definition in KV that the registrar takes, in bytes. */
export const LONGEST_VALUE = 16384;

/** Consul counts a duration in nanoseconds, in 63 bits; 100,000 hours are more than a catalog can say. */
const LONGEST_SECONDS = 100_000 * 3600;
const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };
const ADDRESS = /^(?:[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)$/;
const HALF_A_PAIR = /\p{Cs}/u;

/** Consul's own bounds of a service's meta. */
const META = { pairs: 64, keyLength: 128, valueBytes: 512 } as const;

/** Messages for a field: one where it is missing, one where it is of another type. */
function field(type: string) {
  return {
    error: ({ input }: { readonly input?: unknown }) => (input === undefined ? "is missing" : `must be ${type}`),
  };
}

/** Consul writes another character in the place of half a pair, and would never find what it has as it was declared. */
const whole = z.string(field("a string")).refine((text) => !HALF_A_PAIR.test(text), "holds half a character");
const plain = whole.refine((text) => !/\p{Cc}/u.test(text), "holds a control character");
const flag = z.boolean(field("true or false"));

function wholeNumber(least: number) {
  const error = field(`a whole number from ${least} to 65535`);
  return z.int(error).min(least, error).max(65535, error);
}
const count = wholeNumber(0);

function secondsOf(duration: string): number {
  return [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, number, unit = ""]) => sum + Number(number) * (UNITS[unit] ?? 0),
    0,
  );
}
const duration = plain
  .refine((text) => text.length <= 40 && /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text), {
    error: 'must be a duration such as "10s"',
    abort: true,
  })
  .refine((text) => secondsOf(text) <= LONGEST_SECONDS, "must be at most 100000h");
const someTime = duration.refine((text) => secondsOf(text) > 0, "must be longer than nothing");

/** The fields of a check of which it has exactly one: what it is made by. */
export const MADE_BY = ["http", "tcp", "grpc", "ttl", "alias_service"] as const;

const check = z
  .strictObject(
    {
      id: plain,
      name: plain.exactOptional(),
      notes: plain.exactOptional(),
      http: plain.regex(/^https?:\/\//, "must be an http or https address").exactOptional(),
      method: plain.exactOptional(),
      header: z
        .record(plain, z.array(plain, field("a list of strings")), field("an object of lists of strings"))
        .exactOptional(),
      body: plain.exactOptional(),
      tcp: plain.min(1, "must say where").exactOptional(),
      grpc: plain.min(1, "must say where").exactOptional(),
      grpc_use_tls: flag.exactOptional(),
      tls_server_name: plain.exactOptional(),
      alias_service: plain.min(1, "must name a service").exactOptional(),
      ttl: someTime.exactOptional(),
      interval: someTime.exactOptional(),
      timeout: duration.exactOptional(),
      disable_redirects: flag.exactOptional(),
      output_max_size: count.exactOptional(),
      success_before_passing: count.exactOptional(),
      failures_before_warning: count.exactOptional(),
      failures_before_critical: count.exactOptional(),
      deregister_critical_service_after: duration.exactOptional(),
    },
    field("an object"),
  )
  .superRefine((made, context) => {
    const complain = (message: string, ...path: string[]) => context.addIssue({ code: "custom", message, path });
    if (MADE_BY.filter((kind) => made[kind] !== undefined).length !== 1)
      return complain(`must have exactly one of ${MADE_BY.join(", ")}`);
    const isAsked = made.ttl === undefined && made.alias_service === undefined;
    if (isAsked !== (made.interval !== undefined))
      return complain("belongs to every check but one of ttl or an alias", "interval");
    if ((made.failures_before_warning ?? 0) > (made.failures_before_critical ?? 0))
      complain("must not be more than failures_before_critical", "failures_before_warning");
  });

const metaKey = z
  .string()
  .refine(
    (key) => key.length <= META.keyLength && /^(?!consul-)[A-Za-z0-9_-]+$/.test(key),
    `has a key that is not of A-Z a-z 0-9 _ -, at most ${META.keyLength} long, or begins with consul-`,
  );

/** A service definition as synth renders it, and Consul's agent loads it from a file. */
const definitionSchema = z
  .strictObject(
    {
      /** Of a service with one instance, its name. */
      id: plain.min(1, "is empty"),
      name: plain.min(1, "is empty"),
      address: plain
        .regex(ADDRESS, "must be a host name or an IP address")
        .refine((address) => address !== "0.0.0.0" && address !== "::", "must be the address of one machine"),
      port: wholeNumber(1),
      tags: z.array(plain, field("a list of strings")),
      /** `team`, then the service's own pairs. */
      meta: z
        .record(
          metaKey,
          whole.refine((text) => Buffer.byteLength(text) <= META.valueBytes, `is longer than ${META.valueBytes} bytes`),
          field("an object of strings"),
        )
        .refine((pairs) => Object.keys(pairs).length <= META.pairs, `has more than ${META.pairs} pairs`),
      weights: z.strictObject({ passing: wholeNumber(1), warning: count }, field("an object")).exactOptional(),
      /** None where the catalog says so. Each id is `<service id>:<name>`, unique on the agent. */
      checks: z.array(check, field("a list of checks")),
    },
    field("one object"),
  )
  .superRefine(({ id, checks }, context) => {
    const seen = new Set<string>();
    for (const [at, each] of checks.entries()) {
      const complain = (message: string) => context.addIssue({ code: "custom", message, path: ["checks", at, "id"] });
      const rest = each.id.startsWith(`${id}:`) ? each.id.slice(id.length + 1) : "";
      if (!/^[A-Za-z0-9_.-]{1,140}$/.test(rest)) complain("must be <service>:<something> of A-Z a-z 0-9 _ . -");
      else if (seen.has(each.id)) complain("given to two checks");
      seen.add(each.id);
    }
  });

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

/** One of them. */
export type ServiceDefinition = DeepReadonly<z.output<typeof definitionSchema>>;

/** One of its checks. */
export type CheckDefinition = ServiceDefinition["checks"][number];

/** What a kind of check renders: all but what every check of a service has. */
export type RenderedCheck = Omit<CheckDefinition, "id" | "deregister_critical_service_after">;

/**
 * Judges a value: gives the definition that it is, its fields in one order, or what is wrong with it, as
 * `checks[0].interval: …` and without its values.
 */
export function judgeDefinition(
  value: unknown,
): { readonly definition: ServiceDefinition } | { readonly fault: string } {
  const { data, error } = definitionSchema.safeParse(value, { reportInput: true });
  if (data !== undefined) return { definition: data };
  const issue = error?.issues[0];
  if (issue?.code === "unrecognized_keys") {
    const path = [...issue.path, ...issue.keys.slice(0, 1)];
    return { fault: `${written(path)}: ${unknownField(path)}` };
  }
  // Of a map whose key is wrong, the map is named: the key may hold anything.
  if (issue?.code === "invalid_key")
    return { fault: `${written(issue.path.slice(0, -1))}: ${issue.issues[0]?.message}` };
  return { fault: `${written(issue?.path ?? [])}: ${issue?.message}` };
}

/** What is wrong with a definition; undefined where nothing is. */
export function faultOf(value: unknown): string | undefined {
  const judged = judgeDefinition(value);
  return "fault" in judged ? judged.fault : undefined;
}

function unknownField(path: readonly PropertyKey[]): string {
  const key = path.at(-1);
  if (key === "token") return "a definition may not carry a token";
  if (key === "args") return "a check may not run a command";
  return `not a field that ${path[0] === "checks" ? "a check" : path[0] === "weights" ? "weights" : "a service"} may have`;
}

/** The path of what is wrong; `value` where that is the whole. */
function written(path: readonly PropertyKey[]): string {
  return writtenPath(path) || "value";
}
