import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { type Instance, sorted } from "./instance.js";
import { isJson, listOf, numberOf, pairsOf, textOf, textsOf } from "./json.js";
import type { Fallback } from "./service-cache.js";
import type { ServiceEntry } from "./service-entry.js";

/** What the snapshot needs. */
export interface SnapshotOptions {
  /** The file; undefined for none. */
  readonly path: string | undefined;
  readonly now: () => number;
  /** Called if the file cannot be read or written; the client works on without it. */
  readonly onError: (error: unknown) => void;
}

interface Saved {
  readonly instances: readonly Instance[];
  /** Milliseconds since 1970: the clock that goes on while no process runs. */
  readonly at: number;
}

/** The form of the file; another one is not read. */
const VERSION = 1;

/** The last known instances in a file, so that a process can start while Consul is away. */
export class Snapshot implements Fallback {
  private saved = new Map<string, Saved>();
  private written = "";
  private writing: Promise<void> = Promise.resolve();
  private readonly options: SnapshotOptions;

  constructor(options: SnapshotOptions) {
    this.options = options;
  }

  /** Reads the file. A missing or damaged file counts as none; a damaged one is reported. */
  async load(): Promise<void> {
    if (this.options.path === undefined) return;
    try {
      this.saved = parse(JSON.parse(await readFile(this.options.path, "utf8")));
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) this.options.onError(error);
    }
  }

  find(service: string): { readonly instances: readonly Instance[]; readonly ageMs: number } | undefined {
    const saved = this.saved.get(service);
    return saved === undefined ? undefined : { instances: saved.instances, ageMs: Math.max(0, Date.now() - saved.at) };
  }

  /** Writes what is known, if it differs from what was written: beside the file first, then by rename. */
  save(entries: Iterable<ServiceEntry>): Promise<void> {
    const { path, now } = this.options;
    if (path === undefined) return Promise.resolve();
    const time = now();
    for (const { service, instances, source, confirmedAt } of entries)
      if (instances !== undefined && source === "consul")
        this.saved.set(service, { instances, at: Math.round(Date.now() - (time - confirmedAt)) });
    this.writing = this.writing.then(() => this.write(path)).catch(this.options.onError);
    return this.writing;
  }

  private async write(path: string): Promise<void> {
    const text = JSON.stringify({ version: VERSION, services: Object.fromEntries(this.saved) });
    if (text === this.written) return;
    const beside = `${path}.${process.pid}.tmp`;
    try {
      // Addresses are nobody else's business, and a link that somebody put there leads elsewhere.
      await rm(beside, { force: true });
      await writeFile(beside, text, { mode: 0o600, flag: "wx", flush: true });
      await rename(beside, path);
      this.written = text;
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
  }
}

function parse(file: unknown): Map<string, Saved> {
  if (!isJson(file) || file.version !== VERSION || !isJson(file.services))
    throw new Error("the snapshot is not one of this version; it is overlooked");
  const services = Object.entries(file.services).map(([service, saved]): [string, Saved] => {
    const { instances = [], at } = isJson(saved) ? saved : {};
    return [service, { instances: sorted(listOf(instances).flatMap(instanceOf)), at: numberOf(at, 0) }];
  });
  return new Map(services);
}

function instanceOf(saved: unknown): readonly Instance[] {
  if (!isJson(saved)) return [];
  const { health } = saved;
  const instance: Instance = {
    key: textOf(saved.key),
    id: textOf(saved.id),
    service: textOf(saved.service),
    node: textOf(saved.node),
    address: textOf(saved.address),
    port: numberOf(saved.port, 0),
    tags: textsOf(saved.tags),
    meta: pairsOf(saved.meta),
    health: health === "passing" || health === "warning" ? health : "critical",
    agentLost: saved.agentLost === true,
    weight: numberOf(saved.weight, 1),
  };
  return instance.key === "" || instance.address === "" ? [] : [instance];
}
