import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { InvalidOption } from "./errors.ts";
import type { Fallback } from "./fallback.ts";
import { type Instance, sorted } from "./instance.ts";
import { isJson, type Json, listOf, numberOf, pairsOf, textOf, textsOf } from "./json.ts";

/** The platform's YAML files as the last fallback: where each service is declared to be, healthy or not. */
export class StaticCatalog implements Fallback {
  private services = new Map<string, readonly Instance[]>();

  /**
   * Takes in a catalog.
   * @param catalog a folder of `*.yaml` files (which needs the package `yaml`), or those files' contents, parsed
   * @throws InvalidOption where it cannot be read
   */
  async load(catalog: string | readonly unknown[]): Promise<void> {
    const files = typeof catalog === "string" ? await parseFolder(catalog) : catalog;
    this.services = new Map(files.filter(isJson).flatMap(servicesOf));
  }

  find(service: string): { readonly instances: readonly Instance[]; readonly ageMs: number } | undefined {
    const instances = this.services.get(service);
    return instances === undefined ? undefined : { instances, ageMs: Number.POSITIVE_INFINITY };
  }
}

async function parseFolder(folder: string): Promise<readonly unknown[]> {
  try {
    const { parse } = await import("yaml");
    const names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
    return await Promise.all(names.map(async (name) => parse(await readFile(join(folder, name), "utf8"))));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new InvalidOption(
      `The static catalog ${folder} cannot be read: ${why}`,
      "Name the catalog's folder and install the package yaml, or hand over the parsed files.",
    );
  }
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
