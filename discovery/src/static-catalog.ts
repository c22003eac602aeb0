import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { InvalidOption } from "./errors.js";
import { type Instance, sorted } from "./instance.js";
import { isJson, type Json, listOf, numberOf, pairsOf, textOf, textsOf } from "./json.js";
import type { Fallback } from "./service-cache.js";
import { filledIn, type Level } from "./shared/catalog-defaults.js";
import { kindOfFile, MISNAMED, rightName } from "./shared/catalog-files.js";

/** The platform's YAML files as the last fallback: where each service is declared to be, healthy or not. */
export class StaticCatalog implements Fallback {
  private readonly onError: (error: unknown) => void;
  private services = new Map<string, readonly Instance[]>();

  /** @param onError called for each file that cannot be read; the others are still used */
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
      const names = (await readdir(folder)).sort();
      for (const name of names.filter((each) => kindOfFile(each) === "misnamed"))
        this.onError(unreadable(join(folder, name), MISNAMED, `Rename it to ${rightName(name)}.`));
      const read = names.filter((name) => kindOfFile(name) === "read");
      return (await Promise.all(read.map((name) => this.parseFile(join(folder, name), parse)))).flat();
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
    const each: readonly Json[] = own.instances === undefined ? [{}] : listOf(own.instances).filter(isJson);
    const common = [levelOf(defaults), levelOf(own)];
    const levels = each.map((one) => [...common, { ...levelOf(one), id: textOf(one.id) || undefined }]);
    return [name, sorted(levels.flatMap((all) => instanceOf(name, textOf(team), all)))];
  });
}

/** What stands there, as far as it is what the catalog wants; a place that is not hides the one that it stands over. */
function levelOf({ address, port, region, weights, tags, meta }: Json): Level<unknown> {
  return {
    address: address === undefined ? undefined : textOf(address),
    port: port === undefined ? undefined : numberOf(port, 0),
    region: pairsOf({ region }).region,
    weights,
    tags: textsOf(tags),
    meta: pairsOf(meta),
  };
}

/** [] where it has no place. */
function instanceOf(name: string, team: string, levels: readonly Level<unknown>[]): readonly Instance[] {
  const { id, address = "", port = 0, weights, tags, meta } = filledIn(name, levels);
  if (address === "" || port === 0) return [];
  return [
    {
      key: `static/${id}`,
      id,
      service: name,
      node: "static",
      address,
      port,
      tags,
      meta: { team, ...meta },
      health: "passing",
      agentLost: false,
      weight: isJson(weights) ? numberOf(weights.passing, 1) : 1,
    },
  ];
}
