import { cannotRun } from "../../../lib/cannot-run.js";
import { startDocker } from "../../../lib/no-docker.js";
import { few, MOST } from "../../cli/few.js";
import { judgeCertificates } from "../../consul/certificates.js";
import type { ContainerState } from "../../docker/containers.js";
import { SOMETHING_ELSE } from "../../platform/gateway-ports.js";
import type { Refusal } from "../../platform/live.js";
import { isUnknown, type Unknown } from "../../platform/result.js";
import { minuteOf } from "../minute.js";
import { type Problem, UP } from "../problem.js";
import type { PartStatus, Status } from "./status.js";

/** What is wrong with a platform, the most serious first. Pure. */
export function judgeStatus(status: Status): readonly Problem[] {
  if (isUnknown(status.docker)) return [dockerIsSilent(status.docker), ...status.states];
  if (status.parts.filter(({ isDeclared }) => isDeclared).every(({ state }) => state.state === "missing"))
    return [
      ...status.states,
      { what: "the platform is not up: none of its containers is there", remedy: "`npx rollcall up`" },
    ];
  if (isStoppedAsAWhole(status.parts))
    return [
      ...status.states,
      {
        what: "the platform is stopped: its containers are here, and none of them runs",
        remedy: "`npx rollcall start` starts them.",
      },
      ...judgeCertificates(status.certificates),
    ];
  return [
    ...status.states,
    ...judgeCluster(status),
    ...status.parts.flatMap(judgePart),
    ...judgeRegistrar(status),
    ...judgeGateway(status),
    ...judgeCatalog(status),
    ...judgeAlerting(status),
    ...judgeCertificates(status.certificates),
  ];
}

/** Whether somebody stopped it, as `npx rollcall stop` does: a part that crashed alone leaves others that run. */
function isStoppedAsAWhole(parts: readonly PartStatus[]): boolean {
  const here = parts.filter(({ state }) => state.state !== "missing");
  return here.some(({ isServer }) => isServer) && here.every(({ state }) => state.state === "exited");
}

/** That Docker does not answer. */
export function dockerIsSilent(
  { unknown }: Unknown,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Problem {
  const missing = cannotRun({ command: "docker", reason: "missing" });
  if (unknown === missing?.message) return { what: unknown, remedy: missing.remedy };
  return {
    what: `Docker does not answer: ${unknown}`,
    remedy: `${startDocker(env)}, or get permission to use it; the containers come back by themselves.`,
  };
}

/** A part's container. Pure. */
function judgePart({ name, state, isDeclared }: PartStatus): readonly Problem[] {
  const logs = `\`npx rollcall logs ${name}\` shows more.`;
  if (!isDeclared)
    return [
      {
        what: `${name} is here, but the settings do not ask for it`,
        remedy:
          "Set the settings that it was made with. Or run `npx rollcall up`, which removes it; `npx rollcall diff` shows that first.",
        isNote: true,
      },
    ];
  switch (state.state) {
    case "missing":
      return [{ what: `${name} is missing: there is no container ${state.name}`, remedy: UP }];
    case "paused":
      return [{ what: `${name} is paused`, remedy: `\`docker unpause ${state.name}\`` }];
    case "running":
      break;
    default:
      return [{ what: `${name} does not run: ${ended(state)}`, remedy: `${UP} ${logs}` }];
  }
  if (state.health === "starting")
    return [
      { what: `${name} has just started, and is not healthy yet`, remedy: "Look again in a minute.", mayPass: true },
    ];
  return state.health === "unhealthy"
    ? [{ what: `${name} is unhealthy: ${state.said}`, remedy: logs, mayPass: true }]
    : [];
}

function ended({ state, exitCode, oomKilled }: ContainerState): string {
  return `${state}, exit code ${exitCode}${oomKilled ? ", killed for lack of memory" : ""}`;
}

function judgeCluster({ servers, parts, leader, autopilot, states }: Status): readonly Problem[] {
  const running = parts.filter(({ isServer, state }) => isServer && state.state === "running").length;
  const quorum = Math.floor(servers.length / 2) + 1;
  if (isUnknown(leader))
    return [
      {
        what: `${leader.unknown}: ${running} of ${servers.length} servers run, ${quorum} must`,
        remedy: running < quorum ? `Writes fail until then. ${UP}` : "`npx rollcall logs server-1` shows more.",
        mayPass: running >= quorum,
      },
    ];
  // What does not run is told of as a part; of the rest, what the others do not see.
  const dead = servers.filter(
    ({ name, member }) => isRunning(parts, name) && member !== "alive" && member !== "unknown",
  );
  return [
    ...dead.map(({ name, member }) => ({ what: `${name} is ${member} in gossip`, remedy: UP, mayPass: true })),
    ...servers
      .filter(({ role }) => role === "non-voter")
      .map(({ name }) => ({
        what: `${name} has no vote yet`,
        remedy: `It gets one within 10 s of being healthy. If not, \`npx rollcall logs ${name}\` shows why.`,
        mayPass: true,
      })),
    // Without its state there is no token to ask with, which stands above already.
    ...(isUnknown(autopilot) && states.length > 0
      ? []
      : judgeAutopilot(autopilot, running === servers.length, servers.length)),
  ];
}

function judgeAutopilot(autopilot: Status["autopilot"], allRun: boolean, servers: number): readonly Problem[] {
  if (isUnknown(autopilot))
    return [
      {
        what: `autopilot cannot be read: ${autopilot.unknown}`,
        remedy:
          "Reading it takes the token `operator`, which is in Terraform's state: `npx rollcall doctor` shows what is missing.",
        mayPass: true,
      },
    ];
  if (!autopilot.healthy && allRun) return [{ what: "autopilot finds a server unhealthy", remedy: UP, mayPass: true }];
  return autopilot.failureTolerance === 0 && servers > 1
    ? [{ what: "no further server may fail", remedy: `Bring the failed servers back. ${UP}`, mayPass: true }]
    : [];
}

function judgeRegistrar({ refusals, parts, catalog }: Status): readonly Problem[] {
  if (isUnknown(refusals))
    return isRunning(parts, "registrar")
      ? [{ what: `the registrar: ${refusals.unknown}`, remedy: UP, mayPass: true }]
      : [];
  const teams = isUnknown(catalog) ? undefined : catalog.teams.map(({ team }) => team);
  const isForeign = ({ key }: Refusal) => teams?.includes(/^[^/]*\/([^/]*)\//.exec(key)?.[1] ?? "") === false;
  const own = refusals.filter((each) => !isForeign(each));
  const foreign = refusals.filter(isForeign);
  return [
    ...own.slice(0, MOST).map(({ key, reason }) => ({
      what: `the registrar refuses ${key}: ${reason}`,
      remedy: "`npx rollcall up` removes it if no file declares it; otherwise correct the team's file first.",
    })),
    ...(own.length <= MOST
      ? []
      : [
          {
            what: `the registrar refuses ${own.length - MOST} more values`,
            remedy: "`npx rollcall status --json` has all.",
          },
        ]),
    ...(foreign.length === 0
      ? []
      : [
          {
            what: `the registrar refuses keys of no team of the catalog: ${few(foreign.map(({ key }) => key))}`,
            remedy: "`npx rollcall up` leaves them; `npx rollcall catalog audit` has the command that deletes them.",
          },
        ]),
  ];
}

function judgeGateway({ gateway, leader, parts }: Status): readonly Problem[] {
  // Without a leader it cannot do better, and one that does not run is told of as a part.
  if (!isUnknown(gateway) || isUnknown(leader) || !isRunning(parts, "gateway")) return [];
  const what = `the gateway: ${gateway.unknown}`;
  if (gateway.unknown.endsWith(SOMETHING_ELSE))
    return [{ what, remedy: "`npx rollcall doctor` has the command that names it. End it and run `npx rollcall up`." }];
  return [{ what, remedy: `${UP} \`npx rollcall logs gateway\` shows more.`, mayPass: true }];
}

function isRunning(parts: readonly PartStatus[], part: string): boolean {
  return parts.some(({ name, state }) => name === part && state.state === "running");
}

/** What it means for those who ask for services, and since when. */
function judgeNotFound({ monitor }: Status): readonly Problem[] {
  if (monitor === undefined || isUnknown(monitor)) return [];
  const { notFound, services } = monitor;
  const [first] = notFound;
  if (first === undefined) return [];
  const names = few(notFound.map(({ service }) => service));
  const since = first.since === undefined ? "" : ` since ${recentMinuteOf(first.since)}`;
  return [
    {
      what: `${notFound.length} of ${services} services cannot be found${since}: ${names}`,
      remedy: `Requests to them fail. docs/runbooks.md#servicedown says what to do; \`npx rollcall logs ${first.service}\` shows what its check says.`,
      mayPass: true,
    },
  ];
}

/** The minute of a Unix time in seconds, without the day where that is today. */
function recentMinuteOf(seconds: number, now = Date.now()): string {
  const today = new Date(now).toISOString().slice(0, 10);
  return minuteOf(new Date(seconds * 1000).toISOString()).replace(`${today} `, "");
}

/** Alertmanager says once a minute that it can tell somebody. */
const SILENT_SECONDS = 180;

function judgeAlerting({ monitor, isAlerting, parts }: Status, now = Date.now()): readonly Problem[] {
  // What keeps the monitor from answering is told of its part; what has just started has told nobody yet.
  if (!isAlerting || monitor === undefined || isUnknown(monitor)) return [];
  const started = parts
    .filter(({ name }) => ["monitor", "alertmanager", "prometheus"].includes(name))
    .map(({ state }) => Date.parse(state.startedAt) / 1000)
    .filter((time) => !Number.isNaN(time));
  const silent = now / 1000 - Math.max(monitor.alertingHeard ?? 0, ...started);
  if (silent <= SILENT_SECONDS) return [];
  return [
    {
      what: `nobody is told of alerts: Alertmanager has not been heard for ${Math.round(silent / 60)} minutes`,
      remedy: `${UP} \`npx rollcall logs alertmanager\` and \`npx rollcall logs prometheus\` show more.`,
      mayPass: true,
    },
  ];
}

function judgeCatalog(status: Status): readonly Problem[] {
  const { catalog, leader, monitor } = status;
  if (isUnknown(catalog))
    return isUnknown(leader)
      ? []
      : [
          {
            what: `the catalog cannot be read: ${catalog.unknown}`,
            remedy: "`npx rollcall catalog lint` reads its files.",
            mayPass: true,
          },
        ];
  const notFound = new Set(
    monitor === undefined || isUnknown(monitor) ? [] : monitor.notFound.map(({ service }) => service),
  );
  // Of several instances the id stands behind the name.
  const isTold = (name: string) => notFound.has(name.split("/")[0] ?? "");
  const wrong = catalog.wrong.filter(({ standing, name }) => standing !== "warning" && !isTold(name));
  const lost = judgeNotFound(status);
  if (wrong.length === 0) return lost;
  const [first] = wrong;
  return [
    ...lost,
    {
      what: `${wrong.length} ${wrong.length === 1 ? "service does" : "services do"} not stand as declared`,
      remedy: `\`npx rollcall logs ${first?.name}\` shows what its check says; \`npx rollcall doctor\` looks for the cause.`,
      mayPass: true,
    },
  ];
}
