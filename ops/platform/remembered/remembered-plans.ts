import { createHash } from "node:crypto";
import { readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeWhole } from "../../../lib/backup/backup-files.js";
import type { Settings } from "../../../lib/settings.js";
import { mirrorStamp } from "../../../provision/providers.js";
import { connectAsAdmin } from "../../consul/connect.js";
import { readingOf, type State } from "../../terraform/state-text.js";
import type { Terraform } from "../../terraform/terraform.js";
import { isUnknown, resultOf } from "../result.js";
import type { SynthesizedStack } from "../synthesize.js";
import { consulPartOf, consulView, isInConsul } from "./consul-view.js";
import { dockerPartOf, dockerView } from "./docker-view.js";
import { isRenewalDue } from "./renewal.js";

const FILE = "unchanged-plans.json";

const fileSchema = z.record(z.string(), z.string());

/** What a plan depends on. */
export interface Planned {
  readonly settings: Settings;
  readonly terraform: Terraform;
  readonly stacks: readonly SynthesizedStack[];
  /** Of each stack that was applied, its state. Secrets included: for memory alone. */
  readonly states: ReadonlyMap<string, string>;
}

/**
 * Plans that found nothing to do, each with a fingerprint of all that it looked at: the synthesized file, the state, what
 * other stacks give, the programs, and what Docker and Consul have of the stack's resources. While that is the same, Terraform
 * need not be asked again. The file beside the state holds fingerprints alone; missing or damaged it means that everything is
 * planned. With a state in a database everything is always planned.
 */
export class RememberedPlans {
  private readonly noted = new Map<string, string>();

  private constructor(
    private readonly folder: string,
    private readonly remembered: Readonly<Record<string, string>>,
    private readonly fingerprints: ReadonlyMap<string, string>,
  ) {}

  /** None: everything is planned, and nothing is remembered. */
  static none(): RememberedPlans {
    return new RememberedPlans("", {}, new Map());
  }

  /** Looks at everything that plans would look at, before the first of them is made. */
  static async read(planned: Planned): Promise<RememberedPlans> {
    const { settings, states } = planned;
    if (settings.backend !== "local" || !states.has("foundation")) return RememberedPlans.none();
    return new RememberedPlans(settings.stateFolder, readFile(settings.stateFolder), await fingerprints(planned));
  }

  /** Whether a plan of this stack found nothing to do when all was as it is now. */
  isUnchanged(stack: string): boolean {
    const fingerprint = this.fingerprints.get(stack);
    return fingerprint !== undefined && this.remembered[stack] === fingerprint;
  }

  /** Remembers that a plan made since found nothing to do. */
  note(stack: string): void {
    const fingerprint = this.fingerprints.get(stack);
    if (fingerprint !== undefined) this.noted.set(stack, fingerprint);
  }

  /** Writes what was noted. Where the folder cannot be written to, the next plan takes longer. */
  save(): void {
    if (this.noted.size === 0) return;
    const all = { ...this.remembered, ...Object.fromEntries(this.noted) };
    try {
      writeWhole(this.folder, FILE, Buffer.from(`${JSON.stringify(all, undefined, 2)}\n`));
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
    }
  }
}

async function fingerprints({ settings, terraform, stacks, states }: Planned): Promise<ReadonlyMap<string, string>> {
  const parsed = new Map(
    [...states].flatMap(([name, text]) => {
      const reading = readingOf(text);
      return reading.kind === "state" ? [[name, reading.state] as const] : [];
    }),
  );
  const [onDocker, inConsul, programs] = await Promise.all([
    dockerView([...parsed.values()]),
    resultOf(async () => consulView(await connectAsAdmin(settings, terraform))),
    programsOf(settings, terraform),
  ]);
  const now = Date.now();
  const fingerprintOf = ({ name, folder }: SynthesizedStack, state: State): string | undefined => {
    if (isRenewalDue(state, now) || (isInConsul(state) && isUnknown(inConsul))) return undefined;
    return hash([
      ...[programs, ...synthesized(folder), states.get(name)],
      below(name, stacks).map((each) => [each, parsed.get(each)?.outputs]),
      dockerPartOf(onDocker, state),
      isUnknown(inConsul) ? [] : consulPartOf(inConsul, state),
    ]);
  };
  return new Map(
    stacks.flatMap((stack) => {
      const state = parsed.get(stack.name);
      const fingerprint = state === undefined ? undefined : fingerprintOf(stack, state);
      return fingerprint === undefined ? [] : [[stack.name, fingerprint] as const];
    }),
  );
}

/** A stack's file, and those that Terraform reads for it when it plans (`file`). */
function synthesized(folder: string): readonly unknown[] {
  const text = readFileSync(join(folder, "cdk.tf.json"), "utf8");
  const named = [...text.matchAll(/\bfile\(\\"((?:[^"\\]|\\\\)+)\\"\)/g)].map(([, path = ""]) => path);
  return [text, ...named.map((path) => [path, contentOf(path)])];
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Terraform says so.
    return undefined;
  }
}

/** Every stack that a stack stands on. */
function below(name: string, stacks: readonly SynthesizedStack[]): readonly string[] {
  const direct = stacks.find((stack) => stack.name === name)?.dependencies ?? [];
  return [...new Set(direct.flatMap((each) => [each, ...below(each, stacks)]))].sort();
}

/** Which Terraform, and which providers where they are built on this machine: their versions stand in the stacks' files. */
async function programsOf({ providers }: Settings, terraform: Terraform): Promise<readonly unknown[]> {
  const path = realpathSync(await terraform.path());
  const { size, mtimeMs } = statSync(path);
  return [path, size, mtimeMs, providers, providers === "mirror" ? mirrorStamp() : ""];
}

function hash(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

function readFile(folder: string): Readonly<Record<string, string>> {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(join(folder, FILE), "utf8")));
  } catch {
    return {};
  }
}
