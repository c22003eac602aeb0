import { join } from "node:path";
import { z } from "zod";
import { readCatalog } from "../../lib/catalog/read-catalog.js";
import type { Catalog } from "../../lib/catalog/types.js";
import { PARTS, PROGRAM_PORTS } from "../../lib/platform-names.js";
import { CommandFailed } from "../../lib/process.js";
import type { Settings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { unless } from "../../lib/wait-until.js";
import type { ConsulApi } from "../consul/api/consul-api.js";
import { execIn, WGET } from "../docker/containers.js";
import { comparable, compare, type Finding } from "../report/compare.js";
import {
  brokenIn,
  readStateFile,
  readStateFiles,
  refuseBroken,
  type StateFile,
  stateFileOf,
} from "../terraform/state-files.js";
import { holdsAnything } from "../terraform/state-text.js";
import type { Terraform } from "../terraform/terraform.js";
import { isUnknown, resultOf } from "./result.js";
import { synthesize, synthesizedBackend } from "./synthesize.js";
import { waitUntil } from "./wait-until.js";

/** A KV value that the registrar refused. */
export interface Refusal {
  readonly key: string;
  readonly reason: string;
}

/** What runs, beside what is declared. */
export interface Live {
  readonly findings: readonly Finding[];
  readonly refusals: readonly Refusal[];
}

/** A cold start of three servers elects within 10 s; three times that. */
export const LEADER_WITHIN_SECONDS = 30;

/**
 * Waits until Consul has a leader: during an election it has none.
 * @throws UserError after so many seconds
 */
export async function untilLed(consul: ConsulApi, seconds = LEADER_WITHIN_SECONDS): Promise<void> {
  let line: string | undefined;
  await waitUntil({
    seconds,
    look: async () => {
      const leader = await resultOf(() => consul.status.requireLeader());
      return unless(isUnknown(leader) ? leader.unknown : "");
    },
    late: (why) => {
      throw new UserError(
        `${why} (for ${seconds} s)`,
        "Run `npx rollcall up`, which repairs it; where two servers are lost for good, `npx rollcall recover`.",
      );
    },
    // The first reason alone is said: it may change from look to look.
    progress: (why) => {
      line ??= `waiting for a leader: ${why}`;
      return line;
    },
  });
}

/** One output of an applied stack. @throws UserError where it was never applied, or its state is damaged or lost */
export async function outputOf(settings: Settings, terraform: Terraform, stack: string, name: string): Promise<string> {
  const folder = join(settings.outdir, "stacks", stack);
  const file = settings.backend === "local" ? readStateFile(settings.stateFolder, stack) : undefined;
  if (file !== undefined) refuseBroken(brokenIn([file]));
  const local = localOutput(file, name);
  if (local !== undefined) return local;
  // A fresh clone has not been synthesized either, and no program can be started in a folder that is not there.
  const backend = synthesizedBackend(folder);
  if (backend === undefined && settings.backend === "local") throw neverApplied(settings, stack);
  if (backend !== settings.backend) await synthesize(settings, readCatalog(settings.catalogFolder));
  const value = await terraform.output(folder, name);
  if (value === undefined) throw neverApplied(settings, stack);
  return value;
}

const outputSchema = z.looseObject({ value: z.string() });

/** The same of a state file in clear, which needs no Terraform; undefined where there is no such output in it. */
function localOutput(file: StateFile | undefined, name: string): string | undefined {
  const reading = file?.reading;
  return reading?.kind === "state" ? outputSchema.safeParse(reading.state.outputs[name]).data?.value : undefined;
}

/** Why a stack's state gives nothing, by what is in the state folder beside it. */
function neverApplied(settings: Settings, stack: string): UserError {
  const others = settings.backend === "local" ? readStateFiles(settings.stateFolder) : [];
  const applied = others.filter(({ reading }) => reading.kind === "state" && holdsAnything(reading.state));
  if (applied.length === 0)
    return new UserError(`The platform is not up: its stack ${stack} was never applied`, "Run `npx rollcall up`.");
  const file = stateFileOf(settings.stateFolder, stack);
  return new UserError(
    `The platform is not complete: ${file} has no state of the stack ${stack}, though others were applied`,
    "Run `npx rollcall up`: it finishes an interrupted run; where the state is lost it refuses, with the way back.",
  );
}

/** Reads the current state. @throws UserError if there is no leader, or the registrar does not run */
export async function readLive(settings: Settings, catalog: Catalog, consul: ConsulApi): Promise<Live> {
  await consul.status.requireLeader();
  const [instances, checks, refusals] = await Promise.all([
    consul.catalog.instances(),
    consul.health.checks(),
    readRefusals(settings),
  ]);
  return { findings: compare(catalog, comparable(settings, catalog, instances), checks), refusals };
}

const refusalsSchema = z.array(z.object({ key: z.string(), reason: z.string() }));

/** The KV values that the registrar refused. @throws UserError where it does not run */
export async function readRefusals(settings: Settings): Promise<readonly Refusal[]> {
  return refusalsSchema.parse(JSON.parse(await askProgram(settings, "registrar", "/refused")));
}

/** What a program of the platform answers on a path. @throws UserError where it does not run */
export async function askProgram(
  settings: Pick<Settings, "prefix">,
  part: "registrar" | "monitor",
  path: string,
): Promise<string> {
  const name = `${settings.prefix}${PARTS[part]}`;
  try {
    return await execIn(name, [...WGET, `http://127.0.0.1:${PROGRAM_PORTS[part]}${path}`]);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    throw new UserError(`The ${part} (${name}) does not run`, "Run `npx rollcall up`, which repairs it.");
  }
}
