import { filledFor } from "./placeholders.js";

/** What a catalog file says about an instance at one level: for all services of its team, for its service, or for itself. */
export interface Level<Weights> {
  readonly id?: string | undefined;
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  readonly region?: string | undefined;
  readonly weights?: Weights | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly meta?: Readonly<Record<string, string>> | undefined;
}

/** An instance with every default filled in. */
export interface Filled<Weights> {
  /** Where the instance has none of its own, the service's name. */
  readonly id: string;
  /** With `{name}` and `{id}` replaced; undefined where no level has one. */
  readonly address: string | undefined;
  /** Undefined where no level has one. */
  readonly port: number | undefined;
  readonly weights: Weights | undefined;
  /** Those of all levels, each once. */
  readonly tags: readonly string[];
  /** The pairs of all levels, the later ones over those before, and the region. */
  readonly meta: Readonly<Record<string, string>>;
}

/** Fills in what an instance does not say itself. Pure. @param levels the team's defaults first, the instance's own last */
export function filledIn<Weights>(service: string, levels: readonly Level<Weights>[]): Filled<Weights> {
  const last = <Key extends keyof Level<Weights>>(key: Key) =>
    levels.map((level) => level[key]).findLast((value) => value !== undefined);
  const [address, region] = [last("address"), last("region")];
  const id = last("id") ?? service;
  return {
    id,
    address: address === undefined ? undefined : filledFor({ name: service, id }, address),
    port: last("port"),
    weights: last("weights"),
    tags: [...new Set(levels.flatMap(({ tags }) => tags ?? []))],
    meta: Object.fromEntries([
      ...levels.flatMap(({ meta = {} }) => Object.entries(meta)),
      ...(region === undefined ? [] : [["region", region]]),
    ]),
  };
}
