import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { judgeDefinition, type ServiceDefinition } from "../../lib/catalog/definition-schema.js";
import type { Target } from "./judge.js";
import { placeOfFile } from "./names.js";

/** Statuses by the id of the check. */
export type Statuses = ReadonlyMap<string, string>;

/** A service as it stands in its file, which the agent loads when it starts. */
export interface Placed extends Target {
  /** What was last known of each check. */
  readonly statuses: Statuses;
}

/** The folder of definitions beside the agent. A file is there whole or not at all: the agent starts with no broken one. */
export class Files {
  /** Of the registrar alone, for the agent reads no folder within its own. */
  readonly keep: string;

  constructor(
    private readonly folder: string,
    private readonly prefix: string,
  ) {
    this.keep = join(folder, ".registrar");
    mkdirSync(this.keep, { recursive: true });
  }

  /**
   * What is in place, by the service's id. A file under one of our names that the agent could not load, or that defines what
   * another one does, is taken away.
   * @returns the ids of the services whose files were taken away, too
   */
  read(): { readonly placed: Map<string, Placed>; readonly broken: ReadonlyMap<string, string> } {
    const placed = new Map<string, Placed>();
    const broken = new Map<string, string>();
    for (const file of readdirSync(this.folder).sort()) {
      const place = file.endsWith(".json") ? placeOfFile(this.prefix, file.slice(0, -".json".length)) : undefined;
      if (place === undefined) continue;
      const found = readPlaced(readFileSync(join(this.folder, file), "utf8"));
      if (found !== undefined && !placed.has(place.id)) placed.set(place.id, { place, ...found });
      else {
        broken.set(place.id, place.file);
        this.remove(place.file);
      }
    }
    return { placed, broken };
  }

  write({ place, text, statuses }: Placed): void {
    const draft = join(this.keep, "draft");
    writeFileSync(draft, `${JSON.stringify({ service: withStatuses(text, statuses) })}\n`, { mode: 0o640 });
    renameSync(draft, join(this.folder, `${place.file}.json`));
  }

  remove(file: string): void {
    rmSync(join(this.folder, `${file}.json`), { force: true });
  }
}

/** The definition of a text that was judged. */
export function definitionOf(text: string): ServiceDefinition {
  return JSON.parse(text);
}

/** A definition with what is known of its checks; what is not known is critical. */
function withStatuses(text: string, statuses: Statuses) {
  const definition = definitionOf(text);
  return {
    ...definition,
    checks: definition.checks.map((check) => ({ ...check, status: statuses.get(check.id) ?? "critical" })),
  };
}

function readPlaced(text: string): { readonly text: string; readonly statuses: Statuses } | undefined {
  try {
    const { service } = JSON.parse(text);
    const statuses = new Map<string, string>();
    const checks = service.checks.map(({ status, ...check }: { readonly id: string; readonly status: string }) => {
      statuses.set(check.id, status);
      return check;
    });
    const judged = judgeDefinition({ ...service, checks });
    const isSound = "definition" in judged && [...statuses.values()].every(isStatus);
    return isSound ? { text: JSON.stringify(judged.definition), statuses } : undefined;
  } catch {
    return undefined;
  }
}

function isStatus(text: unknown): boolean {
  return text === "passing" || text === "warning" || text === "critical";
}
