import { join } from "node:path";
import { readCatalog } from "../lib/catalog/read-catalog";
import type { Catalog } from "../lib/catalog/types";
import { CONFIG } from "../lib/consul/paths";
import { PARTS } from "../lib/platform-names";
import { CommandFailed } from "../lib/process";
import type { Settings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import { comparable, compare, type Finding } from "./compare";
import { ConsulClient, throughGateway } from "./consul-client";
import { docker } from "./docker-host";
import { isUnknown, known } from "./known";
import { report } from "./progress";
import { brokenStates, readStateFiles, refuseBroken, stateFileOf } from "./state-files";
import { holdsAnything } from "./state-text";
import { synthesize, synthesizedBackend } from "./synthesize";
import type { Terraform } from "./terraform";
import { waitUntil } from "./wait-until";

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

/** A client for the platform that these settings describe. @throws UserError where it was never applied */
export async function connect(settings: Settings, terraform: Terraform): Promise<ConsulClient> {
  const caPem = await outputOf(settings, terraform, "foundation", "ca-certificate");
  return new ConsulClient(throughGateway(settings.httpsPort, caPem));
}

/** A cold start of three servers elects within 10 s; three times that. */
export const LEADER_WITHIN_SECONDS = 30;

/**
 * Waits until Consul says who leads: during an election it answers that nobody does.
 * @throws UserError after so many seconds
 */
export async function untilLed(client: ConsulClient, seconds = LEADER_WITHIN_SECONDS): Promise<void> {
  let isTold = false;
  const missing = async () => {
    const leader = await known(() => client.leader());
    const why = isUnknown(leader) ? leader.unknown : "";
    if (why !== "" && !isTold) {
      report(`waiting for a leader: ${why}`);
      isTold = true;
    }
    return why;
  };
  await waitUntil(
    seconds,
    missing,
    (why) =>
      new UserError(
        `${why} (for ${seconds} s)`,
        "Run `npm run up`, which repairs it; where two servers are lost for good, `npm run recover`.",
      ),
  );
}

/** One output of an applied stack. @throws UserError where it was never applied, or its state is damaged or lost */
export async function outputOf(settings: Settings, terraform: Terraform, stack: string, name: string): Promise<string> {
  const folder = join(settings.outdir, "stacks", stack);
  refuseBroken(brokenStates(settings).filter((each) => each.stack === stack));
  // A fresh clone has not been synthesized either, and no program can be started in a folder that is not there.
  const backend = synthesizedBackend(folder);
  if (backend === undefined && settings.backend === "local") throw neverApplied(settings, stack);
  if (backend !== settings.backend) await synthesize(settings, readCatalog(settings.catalogFolder));
  const value = await terraform.output(folder, name);
  if (value === undefined) throw neverApplied(settings, stack);
  return value;
}

/** Why a stack's state gives nothing, by what is in the state folder beside it. */
function neverApplied(settings: Settings, stack: string): UserError {
  const others = settings.backend === "local" ? readStateFiles(settings.stateFolder) : [];
  const applied = others.filter(({ reading }) => reading.kind === "state" && holdsAnything(reading.state));
  if (applied.length === 0)
    return new UserError(`The platform is not up: its stack ${stack} was never applied`, "Run `npm run up`.");
  const file = stateFileOf(settings.stateFolder, stack);
  return new UserError(
    `The platform is not up as a whole: ${file} has no state of the stack ${stack}, though others were applied`,
    "Run `npm run up`: it finishes an interrupted run; where the state is lost it refuses, with the way back.",
  );
}

/** Reads what runs now. @throws UserError where nobody leads, or the registrar does not run */
export async function readLive(settings: Settings, catalog: Catalog, client: ConsulClient): Promise<Live> {
  await client.leader();
  const [instances, checks, refusals] = await Promise.all([
    client.instances(),
    client.checks(),
    readRefusals(settings),
  ]);
  return { findings: compare(catalog, comparable(settings, catalog, instances), checks), refusals };
}

/** The KV values that the registrar refused. @throws UserError where it does not run */
export async function readRefusals(settings: Settings): Promise<readonly Refusal[]> {
  const name = `${settings.prefix}${PARTS.registrar}`;
  try {
    const text = await docker(["exec", name, "/bin/sh", `${CONFIG}/registrar.sh`, "refused"]);
    return text
      .split("\n")
      .filter(Boolean)
      .map((line) => {
        const [key = "", reason = ""] = line.split("\t");
        return { key, reason };
      });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    throw new UserError(`The registrar (${name}) does not run`, "Run `npm run up`, which repairs it.");
  }
}
