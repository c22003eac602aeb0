import type { Instance } from "./instance.js";

/** What happened to one instance of a watched service. */
export interface ServiceEvent {
  /** `changed`: address, port, tags, meta or weight. `health`: its state. Both may follow each other. */
  readonly kind: "added" | "changed" | "removed" | "health";
  /** As it is now; of a removed one, as it last was. */
  readonly instance: Instance;
  /** As it was before; undefined for an added one. */
  readonly before: Instance | undefined;
}

/**
 * What leads from one reading of a service to the next: removed ones first, then the others, each in the order of the
 * keys. Empty where nothing differs, whatever the order of the readings. Pure.
 */
export function diff(before: readonly Instance[], after: readonly Instance[]): readonly ServiceEvent[] {
  if (before === after) return [];
  const old = new Map(before.map((each) => [each.key, each]));
  const now = new Map(after.map((each) => [each.key, each]));
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort();
  const gone: ServiceEvent[] = [];
  const rest: ServiceEvent[] = [];
  for (const key of keys) {
    const [was, is] = [old.get(key), now.get(key)];
    if (is === undefined) {
      if (was !== undefined) gone.push({ kind: "removed", instance: was, before: was });
    } else if (was === undefined) {
      rest.push({ kind: "added", instance: is, before: undefined });
    } else {
      if (isRedefined(was, is)) rest.push({ kind: "changed", instance: is, before: was });
      if (was.health !== is.health || was.agentLost !== is.agentLost)
        rest.push({ kind: "health", instance: is, before: was });
    }
  }
  return [...gone, ...rest];
}

/** Whether two readings of one instance differ in nothing that a caller can see. */
export function isSame(was: Instance, is: Instance): boolean {
  return was.health === is.health && was.agentLost === is.agentLost && !isRedefined(was, is);
}

function isRedefined(was: Instance, is: Instance): boolean {
  return (
    was.address !== is.address ||
    was.port !== is.port ||
    // A weight that follows the state alone is told by the state.
    (was.weight !== is.weight && was.health === is.health) ||
    was.tags.length !== is.tags.length ||
    was.tags.some((tag, index) => tag !== is.tags[index]) ||
    !sameMeta(was.meta, is.meta)
  );
}

function sameMeta(was: Instance["meta"], is: Instance["meta"]): boolean {
  const names = Object.keys(was);
  return names.length === Object.keys(is).length && names.every((name) => was[name] === is[name]);
}
