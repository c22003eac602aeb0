import type { Instance } from "./instance.js";
import { satisfies } from "./version.js";

/** Which instances of a service count; all that is named must hold. */
export interface Filter {
  /** Tags that it must have, all of them. @default none */
  readonly tags?: readonly string[];
  /** Meta pairs that it must have. @default none */
  readonly meta?: Readonly<Record<string, string>>;
  /**
   * The Meta pair `version`: exact (`1.4.2`), its first parts (`1.4`), or what is compatible with it (`^1.4.2`: the
   * same major version, not older). @default any
   */
  readonly version?: string;
}

/** Whether an instance is one of those that the filter means. */
export function matches(instance: Instance, { tags, meta, version }: Filter): boolean {
  return (
    (tags === undefined || tags.every((tag) => instance.tags.includes(tag))) &&
    (meta === undefined || Object.entries(meta).every(([name, value]) => instance.meta[name] === value)) &&
    (version === undefined || satisfies(instance.meta.version, version))
  );
}

/** The filter as text, equal for equal filters however they were written. */
export function filterKey({ tags = [], meta = {}, version = "" }: Filter): string {
  return JSON.stringify([[...tags].sort(), Object.entries(meta).sort(), version]);
}
