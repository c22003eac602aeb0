import * as z from "zod";
import type { ImageSource } from "../lib/docker/images.js";
import type { Cache } from "./cache.js";

/** Where Terraform gets providers: its registry, or the mirror that was built here. */
export type ProviderSource = "registry" | "mirror";

const FILE = "decisions.json";

const Decisions = z.object({
  images: z.object({ choice: z.enum(["official", "built"]), why: z.string(), when: z.string() }).optional(),
  providers: z.object({ choice: z.enum(["registry", "mirror"]), why: z.string(), when: z.string() }).optional(),
});

/** What was decided earlier on this machine; a person may delete the file to have it decided again. */
export type Decisions = z.infer<typeof Decisions>;

/** Reads what was decided earlier; an unreadable file is as good as none. */
export function readDecisions(cache: Pick<Cache, "read">): Decisions {
  try {
    return Decisions.parse(JSON.parse(cache.read(FILE) ?? "{}"));
  } catch {
    return {};
  }
}

/** Remembers one decision and leaves the other as it is. */
export function remember(cache: Pick<Cache, "read" | "write">, decided: Decisions): void {
  cache.write(FILE, `${JSON.stringify({ ...readDecisions(cache), ...decided }, undefined, 2)}\n`);
}

/** A decision as the person sees it, with what it rests on and what changes it. */
export function describe(
  what: string,
  decision: { choice: string; why: string; when: string },
  setting: string,
): string {
  return `${what}: ${decision.choice} (${decision.why}, decided ${decision.when.slice(0, 10)}; ${setting} overrides)`;
}

/** A setting that overrides a decision, as the person sees it. It is not remembered. */
export function describeSetting(what: string, choice: ImageSource | ProviderSource, setting: string): string {
  return `${what}: ${choice} (set by ${setting})`;
}
