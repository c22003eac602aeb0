import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Catalog } from "../../lib/catalog/types.js";
import type { Settings } from "../../lib/settings.js";
import { removeStateCopies } from "../terraform/terraform.js";
import type { Place } from "./places/place.js";

/** A synthesized stack: where Terraform runs it, and what must be applied before it. */
export interface SynthesizedStack {
  readonly name: string;
  readonly folder: string;
  readonly dependencies: readonly string[];
  /** Names on the Docker host that this stack asks for. */
  readonly names: DockerNames;
  /** Where its containers must stand. */
  readonly places: readonly Place[];
}

export interface DockerNames {
  readonly container: readonly string[];
  readonly network: readonly string[];
  readonly volume: readonly string[];
}

const manifestSchema = z.object({
  stacks: z.record(z.string(), z.object({ dependencies: z.array(z.string()) })),
});
const named = z.record(z.string(), z.object({ name: z.string() })).default({});
const containers = z
  .record(
    z.string(),
    z.object({
      name: z.string(),
      networks_advanced: z
        .array(
          z.object({
            name: z.string(),
            aliases: z.array(z.string()).default([]),
            ipv4_address: z.string().default(""),
          }),
        )
        .default([]),
    }),
  )
  .default({});
const backendSchema = z.object({ terraform: z.object({ backend: z.record(z.string(), z.unknown()) }) });
const stackSchema = z.object({
  resource: z
    .object({ docker_container: containers, docker_network: named, docker_volume: named })
    .partial()
    .default({}),
});

/** Writes every stack for Terraform into the settings' `outdir`, which nobody else can read. */
export async function synthesize(settings: Settings, catalog: Catalog): Promise<readonly SynthesizedStack[]> {
  // Of all that a verb loads, cdktf takes longest, and most verbs write nothing.
  const { writeStacks } = await import("../../stacks/write-stacks.js");
  writeStacks(settings, catalog);

  const manifest = manifestSchema.parse(readJson(join(settings.outdir, "manifest.json")));
  return Object.entries(manifest.stacks).map(([name, { dependencies }]) => {
    const folder = join(settings.outdir, "stacks", name);
    // Of a run that was killed, or from before they were removed at once.
    removeStateCopies(folder);
    const { resource } = stackSchema.parse(readJson(join(folder, "cdk.tf.json")));
    const namesOf = (resources: z.infer<typeof named> = {}) => Object.values(resources).map((each) => each.name);
    return {
      name,
      folder,
      dependencies,
      names: {
        container: namesOf(resource.docker_container),
        network: namesOf(resource.docker_network),
        volume: namesOf(resource.docker_volume),
      },
      places: Object.values(resource.docker_container ?? {}).flatMap((container) =>
        container.networks_advanced.map((each) => ({
          ...{ container: container.name, stack: name, network: each.name },
          ...{ address: each.ipv4_address, aliases: each.aliases },
        })),
      ),
    };
  });
}

/** The backend that a stack's folder was last synthesized for, such as `local`; undefined where it was not yet. */
export function synthesizedBackend(folder: string): string | undefined {
  const file = join(folder, "cdk.tf.json");
  return existsSync(file) ? Object.keys(backendSchema.parse(readJson(file)).terraform.backend)[0] : undefined;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}
