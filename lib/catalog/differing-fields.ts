import { isDeepStrictEqual } from "node:util";
import type { CheckOf } from "./declared.js";

/** A service as a catalog declares it, as it was applied, or as Consul's catalog has it. */
export interface Described {
  /** Where it is registered; undefined where that is not compared. */
  readonly node?: string;
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, string>>;
  readonly weights?: Readonly<Record<string, number>> | undefined;
  /** Undefined where it is not known how they were declared; then the weights are not known either. */
  readonly checks?: readonly CheckOf[] | undefined;
}

/** The fields of a service that are compared, in the order in which their differences are shown. */
const FIELDS = ["node", "id", "name", "address", "port", "tags", "meta", "weights", "checks"] as const;
export type Field = (typeof FIELDS)[number];

/** A field of a service that is not as declared. */
export interface Difference {
  readonly field: Field;
  readonly declared: unknown;
  readonly found: unknown;
}

/**
 * The fields in which a service differs from its declaration; [] where it is as declared. The order of meta's pairs is no
 * difference, and a field that one of the two does not know is not compared. Pure.
 */
export function differingFields(declared: Described, found: Described): readonly Difference[] {
  return FIELDS.filter((field) => isKnown(field, declared) && isKnown(field, found))
    .filter((field) => !isDeepStrictEqual(declared[field], found[field]))
    .map((field) => ({ field, declared: declared[field], found: found[field] }));
}

/** A service without weights has Consul's own, so of the weights it does not show whether they are known. */
function isKnown(field: Field, service: Described): boolean {
  if (field === "node") return service.node !== undefined;
  return (field !== "weights" && field !== "checks") || service.checks !== undefined;
}
