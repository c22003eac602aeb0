import type { ContainerArguments, Resource } from "./resource.js";

/** One rule about what the platform may declare. */
export interface Policy {
  /** Names the rule in an error, in a suppression and in docs/security.md; the same as its file. */
  readonly id: string;
  /** What is wrong with the resource; undefined where nothing is, or where the rule is not about it. */
  readonly judge: (resource: Resource) => string | undefined;
  /** What to do about it, as the end of a sentence. */
  readonly remedy: string;
}

/** A rule about containers that run. Carriers, which never do, are exempt. */
export function aboutRunning(
  id: string,
  judge: (container: ContainerArguments) => string | undefined,
  remedy: string,
): Policy {
  return {
    id,
    judge: (resource) => (resource.kind === "container" && resource.is.start ? judge(resource.is) : undefined),
    remedy,
  };
}
