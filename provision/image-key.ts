import type { ImageName } from "../lib/docker/images.js";
import { keyOf } from "./cache.js";

/** What an image is known by. Nothing else makes it anew: a recipe may be moved and reworded. */
export interface ImageInputs {
  readonly name: ImageName;
  /**
   * Counts what no version shows. Raise it by one in the commit that has the recipe make other files, or the image
   * declare something else, of the same contents; every container of the image is then replaced by the next `up`.
   */
  readonly revision: number;
  /** What it is made of: the versions of its modules, or its packages. */
  readonly contents: readonly string[];
  /** What of this machine goes into it: its architecture, its release. */
  readonly machine: readonly string[];
}

/** A key for exactly these inputs, such as `r1-0123456789abcdef`. */
export function imageKey({ name, revision, contents, machine }: ImageInputs): string {
  return `r${revision}-${keyOf(name, keyOf(...contents), ...machine)}`;
}

/** What an image's key looks like, now or before decision 035. */
export const IMAGE_KEY = /^(r\d+-)?[0-9a-f]{16}$/;

const OLD_KEY = /^[0-9a-f]{16}$/;

/**
 * The contents of the images whose keys were made from source text: such a key does not tell them (decision 035).
 * Whoever changes what an image is made of, or raises its revision, deletes its line.
 */
const OLD_CONTENTS: Readonly<Partial<Record<ImageName, string>>> = {
  nginx: keyOf("nginx-light"),
  postgres: keyOf("postgresql"),
  redis: keyOf("redis-server"),
};

/** Whether an image or a file with that key is what these inputs make: an old key counts as revision 1. */
export function standsFor(key: string, inputs: ImageInputs): boolean {
  if (key === imageKey(inputs)) return true;
  return OLD_KEY.test(key) && inputs.revision === 1 && OLD_CONTENTS[inputs.name] === keyOf(...inputs.contents);
}
