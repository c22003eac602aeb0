import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, TerraformDataSource, TerraformResource, TerraformStack } from "cdktf";
import { z } from "zod";
import { readCatalog } from "../../lib/catalog/read-catalog.js";
import type { Catalog } from "../../lib/catalog/types.js";
import { readSettings, type Settings } from "../../lib/settings.js";
import { addPlatform } from "../../stacks/add-platform.js";

const blocks = z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({});

const stackFile = z.object({
  terraform: z.object({
    backend: z.record(z.string(), z.record(z.string(), z.string())),
    required_providers: z.record(z.string(), z.object({ source: z.string(), version: z.string() })),
  }),
  provider: z.record(z.string(), z.array(z.record(z.string(), z.unknown()))),
  locals: z.record(z.string(), z.unknown()).default({}),
  output: z.record(z.string(), z.object({ value: z.unknown(), sensitive: z.boolean().default(false) })).default({}),
  data: blocks,
  resource: blocks,
});

const manifestFile = z.object({
  stacks: z.record(z.string(), z.object({ dependencies: z.array(z.string()), annotations: z.array(z.unknown()) })),
});

/** A stack as Terraform reads it. */
export interface Stack extends Readonly<z.output<typeof stackFile>> {
  /** The whole file, for searching. */
  readonly text: string;
  /** Names of the stacks that are applied before it. */
  readonly dependencies: readonly string[];
  /** How many resources and data sources the program made; fewer in the file would mean that two became one. */
  readonly made: number;
}

/** Everything that one synth wrote. */
export interface Platform {
  readonly settings: Settings;
  readonly catalog: Catalog;
  readonly stacks: Readonly<Record<string, Stack>>;
}

/** The instance that every synthesized platform of these tests is. */
export const INSTANCE = "test-0001";

/**
 * What a real `app.synth()` writes under these variables, with state and output in a temporary folder. (cdktf's
 * `Testing.synth` leaves out the backend and what crosses stacks.)
 */
export function synthPlatform(env: Readonly<Record<string, string>> = {}): Platform {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-synth-"));
  try {
    mkdirSync(join(folder, "state"));
    writeFileSync(join(folder, "state", "instance"), INSTANCE);
    const settings = readSettings({
      ROLLCALL_CONFIG: "none",
      ROLLCALL_STATE: join(folder, "state"),
      CDKTF_OUTDIR: join(folder, "cdktf.out"),
      ...env,
    });
    const catalog = readCatalog(settings.catalogFolder);
    const app = withoutStackTraces(() => {
      const made = new App({ outdir: settings.outdir });
      addPlatform(made, settings, catalog);
      made.synth();
      return made;
    });

    const manifest = manifestFile.parse(JSON.parse(readFileSync(join(settings.outdir, "manifest.json"), "utf8")));
    const stacks = app.node.children.filter(TerraformStack.isStack).map((stack): [string, Stack] => {
      const id = stack.node.id;
      const text = readFileSync(join(settings.outdir, "stacks", id, "cdk.tf.json"), "utf8");
      const dependencies = manifest.stacks[id]?.dependencies ?? [];
      const made = stack.node
        .findAll()
        .filter(
          (node) => TerraformResource.isTerraformResource(node) || TerraformDataSource.isTerraformDataSource(node),
        );
      return [id, { ...stackFile.parse(JSON.parse(text)), text, dependencies, made: made.length }];
    });
    return { settings, catalog, stacks: Object.fromEntries(stacks) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** cdktf writes down where each token was made, frame by frame: two thirds of a synth's time under jest. */
function withoutStackTraces<T>(work: () => T): T {
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = (error) => String(error);
  try {
    return work();
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
}

/** The stack of that name; fails where there is none. */
export function stackOf(platform: Platform, name: string): Stack {
  const stack = platform.stacks[name];
  if (stack === undefined) throw new Error(`there is no stack ${name}`);
  return stack;
}

/** The resources of a type: logical id → arguments. */
export function resourcesOf(stack: Stack, type: string): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  return stack.resource[type] ?? {};
}

/** `type.id` of each resource, sorted. */
export function addressesOf(stack: Stack): readonly string[] {
  return Object.entries(stack.resource)
    .flatMap(([type, resources]) => Object.keys(resources).map((id) => `${type}.${id}`))
    .sort();
}

/** Each text anywhere within a JSON value, with the path to it. */
export function* textsOf(value: unknown, path = ""): Generator<readonly [string, string]> {
  if (typeof value === "string") yield [path, value];
  else if (typeof value === "object" && value !== null)
    for (const [key, inner] of Object.entries(value)) yield* textsOf(inner, path === "" ? key : `${path}/${key}`);
}
