import { MADE_BY, type ServiceDefinition } from "../../lib/catalog/definition-schema.js";
import { hostPort } from "../../lib/catalog/host-port.js";
import { type Entry, Judge } from "../registrar/judge.js";
import { placeOfKey } from "../registrar/names.js";

/** A declared instance, as its value in Consul KV says. */
export interface Declared {
  readonly service: string;
  readonly team: string;
  readonly id: string;
  /** `host:port`; "" where the value is refused. */
  readonly address: string;
  /** What its checks ask by, each once: http, tcp, grpc, ttl, alias. */
  readonly kinds: readonly string[];
}

/** What Consul KV declares. */
export interface Declarations {
  /** By the id of the instance. */
  readonly declared: ReadonlyMap<string, Declared>;
  /**
   * Instances whose value is refused now: of those that are registered the registrar leaves an earlier definition in place.
   */
  readonly doubtful: ReadonlyMap<string, Declared>;
  /** Reasons by key. */
  readonly refused: ReadonlyMap<string, string>;
}

/** Nothing is declared, or nothing is known yet. */
export const NOTHING_DECLARED: Declarations = { declared: new Map(), doubtful: new Map(), refused: new Map() };

/** Judges what Consul KV declares, by the registrar's own rule. */
export class Declaring {
  private readonly judge: Judge;
  private holders: ReadonlyMap<string, string> = new Map();

  constructor(private readonly prefix: string) {
    this.judge = new Judge(prefix);
  }

  read(entries: readonly Entry[]): Declarations {
    const { wanted, refused } = this.judge.judge(entries, this.holders);
    const declared = new Map([...wanted].map(([id, { place, text }]) => [id, declaredIn(place, JSON.parse(text))]));
    const doubtful = [...refused.keys()].flatMap((key): readonly (readonly [string, Declared])[] => {
      const place = placeOfKey(this.prefix, key);
      return place === undefined || declared.has(place.id)
        ? []
        : [[place.id, { service: place.name, team: place.team, id: place.id, address: "", kinds: [] }]];
    });
    const keys = new Map([...wanted].map(([id, { place }]) => [id, place.key]));
    const still = [...this.holders].filter(([, key]) => refused.has(key));
    this.holders = new Map([...still, ...keys]);
    return { declared, doubtful: new Map(doubtful), refused };
  }
}

function declaredIn(
  place: { readonly team: string; readonly name: string; readonly id: string },
  { address, port, checks }: ServiceDefinition,
): Declared {
  const kinds = new Set(checks.map((check) => MADE_BY.find((kind) => check[kind] !== undefined) ?? "http"));
  return {
    service: place.name,
    team: place.team,
    id: place.id,
    address: hostPort({ address, port }),
    kinds: [...kinds].map((kind) => kind.replace(/_service$/, "")).sort(),
  };
}
