import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { InvalidOption } from "./errors.ts";
import type { Fallback } from "./fallback.ts";
import { type Instance, sorted } from "./instance.ts";
import { isJson, type Json, listOf, numberOf, pairsOf, textOf, textsOf } from "./json.ts";

/** The platform's YAML files as the last fallback: where each service is declared to be, healthy or not. */
export class StaticCatalog implements Fallback {
  private readonly onError: (error: unknown) => void;
  private services = new Map<string, readonly Instance[]>();

  /** @param onError told of each file that cannot be read: the others count all the same */
  constructor(onError: (error: unknown) => void) {
    this.onError = onError;
  }

  /**
   * Takes in a catalog. Never throws: it stands in for Consul, which can be asked without it.
   * @param catalog a folder of `*.yaml` files (which needs the package `yaml`), or those files' contents, parsed
   */
  async load(catalog: string | readonly unknown[]): Promise<void> {
    const files = typeof catalog === "string" ? await this.parseFolder(catalog) : catalog;
    this.services = new Map(files.filter(isJson).flatMap(servicesOf));
  }

  find(service: string): { readonly instances: readonly Instance[]; readonly ageMs: number } | undefined {
    const instances = this.services.get(service);
    return instances === undefined ? undefined : { instances, ageMs: Number.POSITIVE_INFINITY };
  }

  private async parseFolder(folder: string): Promise<readonly unknown[]> {
    try {
      const { parse } = await import("yaml");
      // What editors and file systems put beside a file is hidden: `.#x.yaml`, `._x.yaml`.
      const names = (await readdir(folder)).filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
      return (await Promise.all(names.map((name) => this.parseFile(join(folder, name), parse)))).flat();
    } catch (error) {
      const remedy = "Name the catalog's folder and install the package yaml, or hand over the parsed files.";
      this.onError(unreadable(folder, error, remedy));
      return [];
    }
  }

  /** The content in a list; [] for a file that cannot be read. */
  private async parseFile(path: string, parse: (text: string) => unknown): Promise<readonly unknown[]> {
    try {
      // To open a pipe would wait for somebody who writes into it.
      if (!(await stat(path)).isFile()) throw new Error("it is no file");
      const content: unknown = parse(await readFile(path, "utf8"));
      if (content !== null && !isJson(content)) throw new Error("it is no catalog");
      return [content ?? {}];
    } catch (error) {
      this.onError(unreadable(path, error, "Correct the file; until then its services have no static fallback."));
      return [];
    }
  }
}

function unreadable(path: string, error: unknown, remedy: string): InvalidOption {
  const why = error instanceof Error ? error.message : String(error);
  return new InvalidOption(`The static catalog ${path} cannot be read: ${why}`, remedy, { cause: error });
}

function servicesOf(file: Json): readonly [string, readonly Instance[]][] {
  const { team, services } = file;
  const defaults = isJson(file.defaults) ? file.defaults : {};
  return Object.entries(isJson(services) ? services : {}).map(([name, entry]) => {
    const own = isJson(entry) ? entry : {};
    const each = own.instances === undefined ? [{ id: name }] : listOf(own.instances).filter(isJson);
    return [name, sorted(each.flatMap((one) => instanceOf(name, textOf(team), [defaults, own, one])))];
  });
}

/** Each layer's fields stand over those before it; tags add up. As the catalog itself resolves them. */
function instanceOf(name: string, team: string, layers: readonly Json[]): readonly Instance[] {
  const last = (field: string) => layers.map((layer) => layer[field]).findLast((value) => value !== undefined);
  const shortName = name.replace(/(?:_grpc)?_service$/, "").replaceAll("_", "-");
  const address = textOf(last("address")).replaceAll("{name}", shortName);
  const id = textOf(layers.at(-1)?.id) || name;
  const [port, region, weights] = [numberOf(last("port"), 0), last("region"), last("weights")];
  if (address === "" || port === 0) return [];
  return [
    {
      key: `static/${id}`,
      id,
      service: name,
      node: "static",
      address,
      port,
      tags: [...new Set(layers.flatMap((layer) => textsOf(layer.tags)))],
      meta: Object.assign({ team }, ...layers.map((layer) => pairsOf(layer.meta)), pairsOf({ region })),
      health: "passing",
      agentLost: false,
      weight: isJson(weights) ? numberOf(weights.passing, 1) : 1,
    },
  ];
}
