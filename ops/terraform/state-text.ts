import { z } from "zod";

const instanceSchema = z.looseObject({ attributes: z.record(z.string(), z.unknown()).nullish() });
const resourceSchema = z.looseObject({ mode: z.string(), type: z.string(), instances: z.array(instanceSchema) });

/** Format 4, which Terraform and OpenTofu write since 2019, as far as Rollcall needs it. */
const stateSchema = z.looseObject({
  version: z.literal(4),
  serial: z.number(),
  outputs: z.record(z.string(), z.unknown()),
  resources: z.array(resourceSchema),
});

/** A state that was read whole. Its attributes may be secrets: for memory alone. */
export type State = z.infer<typeof stateSchema>;

/** What a text is that should be a state. */
export type Reading =
  /** Nothing was written yet. */
  | { readonly kind: "none" }
  | { readonly kind: "state"; readonly state: State }
  /** By OpenTofu, which alone can read it. */
  | { readonly kind: "encrypted" }
  | { readonly kind: "damaged"; readonly why: string };

/** OpenTofu puts Terraform's fields into `encrypted_data`. */
const encryptedSchema = z.looseObject({ encrypted_data: z.string() });

/** Reads a state to its end. Pure. */
export function readingOf(text: string): Reading {
  if (text.trim() === "") return { kind: "none" };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: "damaged", why: "is cut off or damaged: it is not whole JSON" };
  }
  if (encryptedSchema.safeParse(json).success) return { kind: "encrypted" };
  const state = stateSchema.safeParse(json).data;
  return state === undefined
    ? { kind: "damaged", why: "is JSON, but not a Terraform state (format 4)" }
    : { kind: "state", state };
}

/** Whether a stack was applied, by its state. */
export function holdsAnything({ resources, outputs }: State): boolean {
  return resources.length > 0 || Object.keys(outputs).length > 0;
}

/** The values of these attributes in all resources that these states have made. */
export function valuesIn(states: Iterable<State>, attributes: readonly string[]): ReadonlySet<string> {
  const made = [...states].flatMap(({ resources }) => resources).filter(({ mode }) => mode === "managed");
  const all = made.flatMap(({ instances }) => instances.map((each) => each.attributes ?? {}));
  const values = all.flatMap((each) => attributes.map((name) => each[name]));
  return new Set(values.filter((value) => typeof value === "string"));
}

/** The ids of everything on the Docker host that these states know. */
export function dockerIdsIn(states: Iterable<State>): ReadonlySet<string> {
  const ofDocker = [...states].map((state) => ({
    ...state,
    resources: state.resources.filter(({ type }) => type.startsWith("docker_")),
  }));
  return valuesIn(ofDocker, ["id"]);
}
