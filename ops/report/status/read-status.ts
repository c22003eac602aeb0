import { backupsIn } from "../../../lib/backup/backup-files.js";
import { readCatalog } from "../../../lib/catalog/read-catalog.js";
import type { Catalog } from "../../../lib/catalog/types.js";
import { CommandFailed } from "../../../lib/process.js";
import type { Settings } from "../../../lib/settings.js";
import { UserError } from "../../../lib/user-error.js";
import { readCertificates } from "../../consul/certificates.js";
import { readInside } from "../../consul/inside.js";
import { inspectContainers } from "../../docker/containers.js";
import { type DockerObject, listAll } from "../../docker/docker-host.js";
import { scheduledBackups } from "../../platform/backup/fetch-scheduled.js";
import { lastBackup } from "../../platform/backup/last-backup.js";
import { askPort, SOMETHING_ELSE } from "../../platform/gateway-ports.js";
import { outputOf, readRefusals } from "../../platform/live.js";
import { readMonitor } from "../../platform/monitor-view.js";
import { partsOf } from "../../platform/parts.js";
import { isUnknown, resultOf, type Unknown } from "../../platform/result.js";
import { setUpTerraform } from "../../platform/tools.js";
import { brokenStates } from "../../terraform/state-files.js";
import { localStateProblems } from "../../terraform/state-health.js";
import type { Terraform } from "../../terraform/terraform.js";
import { comparable, compare, teamStandings } from "../compare.js";
import type { Problem } from "../problem.js";
import { readServers } from "./read-servers.js";
import type { CatalogStatus, PartStatus, Status } from "./status.js";

/**
 * Reads all that can be known of the platform now, whatever of it is dead; changes nothing.
 * @param terraform where there is one already. @default - it is set up
 */
export async function readStatus(settings: Settings, terraform?: Terraform): Promise<Status> {
  const inFolder = backupsIn(settings.backupFolder, settings.instance);
  const catalog = await resultOf(async () => readCatalog(settings.catalogFolder));
  const found = await resultOf(() => listAll("container"));
  if (isUnknown(found))
    return { ...withoutDocker(settings, found), states: brokenStates(settings), backup: lastBackup(inFolder, []) };
  const declared = partsOf(settings, isUnknown(catalog) ? [] : catalog.services, found);
  const states = await inspectContainers(declared.map(({ container }) => settings.prefix + container));
  const parts = declared.flatMap((part, index) => {
    const state = states[index];
    return state === undefined ? [] : [{ ...part, state }];
  });
  const tool = async () => terraform ?? (await setUpTerraform(settings));
  const owned = found.filter(({ instance }) => instance === settings.instance);
  const [servers, refusals, gateway, certificates, scheduled, stateProblems, monitor] = await Promise.all([
    resultOf(async () => outputOf(settings, await tool(), "access", "token-operator")).then((token) =>
      readServers(settings, parts, token),
    ),
    resultOf(() => readRefusals(settings)),
    resultOf(() => askGateway(settings)),
    readCertificates(parts, settings.prefix),
    resultOf(() => scheduledBackups(settings, found)),
    readStateProblems(settings, tool, owned),
    settings.monitor ? resultOf(() => readMonitor(settings)) : undefined,
  ]);
  return {
    platform: settings.instance,
    docker: "answers",
    parts,
    ...servers,
    refusals,
    gateway,
    catalog: isUnknown(catalog) ? catalog : await readLiveCatalog(settings, catalog, parts, servers.leader),
    monitor,
    isAlerting: settings.monitoring,
    certificates,
    states: stateProblems,
    // What keeps them from being read is told of their container, which is a part.
    backup: lastBackup(inFolder, isUnknown(scheduled) ? [] : scheduled),
  };
}

function withoutDocker(
  { instance, monitor, monitoring }: Settings,
  docker: Unknown,
): Omit<Status, "backup" | "states"> {
  const unknown = { unknown: "Docker does not answer" };
  return {
    ...{ platform: instance, docker, parts: [], servers: [], leader: unknown, autopilot: unknown },
    ...{ refusals: unknown, gateway: unknown, catalog: unknown, certificates: [] },
    ...{ monitor: monitor ? unknown : undefined, isAlerting: monitoring },
  };
}

/** What is wrong with the states; where they cannot be read at all, that. */
async function readStateProblems(
  settings: Settings,
  terraform: () => Promise<Terraform>,
  owned: readonly DockerObject[],
): Promise<readonly Problem[]> {
  try {
    return await localStateProblems(settings, terraform, owned);
  } catch (error) {
    if (error instanceof UserError) return [{ what: error.message, remedy: error.remedy }];
    if (error instanceof CommandFailed)
      return [{ what: `the states cannot be read: ${error.lines.at(-1) ?? error.message}`, remedy: DOCTOR }];
    throw error;
  }
}

const DOCTOR = "`npx rollcall doctor` looks further.";

/** Its address for people. @throws UserError where one of its ports does not answer, or it finds no leader */
async function askGateway(settings: Settings): Promise<string> {
  const { httpPort, httpsPort } = settings;
  const address = `http://localhost:${httpPort}`;
  const [plain, overTls] = await Promise.all([
    askPort({ port: httpPort, isTls: false }),
    askPort({ port: httpsPort, isTls: true }),
  ]);
  if ("dead" in plain) throw new UserError(`${address}: it does not answer`, "");
  if (!plain.isGateway) throw new UserError(`${address}: ${SOMETHING_ELSE}`, "");
  if (plain.status !== 200) throw new UserError(`${address}: it answers ${plain.status}`, "");
  if (plain.body.trim() === '""') throw new UserError(`${address}: it answers, and Consul has no leader`, "");
  if ("dead" in overTls) throw new UserError(`https://localhost:${httpsPort}: it does not answer`, "");
  return address;
}

/** The catalog as a server has it: the leader where there is one. */
async function readLiveCatalog(
  settings: Settings,
  catalog: Catalog,
  parts: readonly PartStatus[],
  leader: string | Unknown,
): Promise<CatalogStatus | Unknown> {
  const running = parts.filter(({ isServer, state }) => isServer && state.state === "running");
  const inOrder = [...running].sort((a, b) => Number(b.container === leader) - Number(a.container === leader));
  const live = await readInside(inOrder.map(({ state }) => state.name));
  if (isUnknown(live)) return live;
  const findings = compare(catalog, comparable(settings, catalog, live.instances), live.checks);
  const teams = teamStandings(catalog, findings);
  return { teams, wrong: findings.filter(({ standing }) => standing !== "passing") };
}
