import { z } from "zod";

const stateSchema = z.looseObject({
  serial: z.number(),
  resources: z.array(
    z.looseObject({
      mode: z.string(),
      type: z.string(),
      name: z.string(),
      instances: z.array(z.looseObject({ attributes: z.record(z.string(), z.unknown()) })),
    }),
  ),
});

/** A resource of a stack, as its state has it. Its attributes may be secrets: for memory alone. */
export interface InState {
  /** `type.name`, as Terraform's commands take it. */
  readonly address: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** The resources of a type in a stack's state; [] of "", the state of a stack that was never applied. */
export function inState(state: string, type: string): readonly InState[] {
  if (state.trim() === "") return [];
  return stateSchema
    .parse(JSON.parse(state))
    .resources.filter((resource) => resource.mode === "managed" && resource.type === type)
    .flatMap(({ name, instances }) =>
      instances.map(({ attributes }) => ({ address: `${type}.${name}`, name, attributes })),
    );
}

const outputsSchema = z.looseObject({ outputs: z.record(z.string(), z.looseObject({ value: z.unknown() })) });

/** A text that a stack gives out, from its state; undefined where it gives none of that name. */
export function outputIn(state: string, name: string): string | undefined {
  if (state.trim() === "") return undefined;
  const value = outputsSchema.parse(JSON.parse(state)).outputs[name]?.value;
  return typeof value === "string" ? value : undefined;
}

/**
 * The state in which the resource NEXT has taken the place of NAME; what that was is forgotten, and the next apply makes
 * another NEXT. One push of it is one step: it is done or not. Pure.
 * @throws Error where there is no NEXT
 */
export function promoted(state: string, type: string, name: string, nextName = `${name}-next`): string {
  const held = stateSchema.parse(JSON.parse(state));
  const isNamed = (wanted: string) => (resource: { type: string; name: string }) =>
    resource.type === type && resource.name === wanted;
  const next = held.resources.find(isNamed(nextName));
  if (next === undefined) throw new Error(`the state has no ${type}.${nextName}`);
  const others = held.resources.filter((each) => !isNamed(name)(each) && !isNamed(nextName)(each));
  return JSON.stringify({ ...held, serial: held.serial + 1, resources: [...others, { ...next, name }] });
}
