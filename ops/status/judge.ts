import { cannotRun } from "../../lib/cannot-run";
import { judgeCertificates } from "../certificates";
import type { ContainerState } from "../containers";
import { few, MOST } from "../few";
import { SOMETHING_ELSE } from "../gateway-ports";
import { isUnknown, type Unknown } from "../known";
import type { Refusal } from "../live";
import { startDocker } from "../start-docker";
import { type Trouble, UP } from "../trouble";
import type { PartStatus, Status } from "./status";

/** What is wrong with a platform, the gravest first. Pure. */
export function judgeStatus(status: Status): readonly Trouble[] {
  if (isUnknown(status.docker)) return [dockerIsSilent(status.docker), ...status.states];
  if (status.parts.filter(({ isDeclared }) => isDeclared).every(({ state }) => state.state === "missing"))
    return [
      ...status.states,
      { what: "the platform is not up: none of its containers is there", remedy: "`npm run up`" },
    ];
  return [
    ...status.states,
    ...judgeCluster(status),
    ...status.parts.flatMap(judgePart),
    ...judgeRegistrar(status),
    ...judgeGateway(status),
    ...judgeCatalog(status),
    ...judgeCertificates(status.certificates),
  ];
}

/** That Docker does not answer. */
export function dockerIsSilent(
  { unknown }: Unknown,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Trouble {
  const missing = cannotRun({ command: "docker", reason: "missing" });
  if (unknown === missing?.message) return { what: unknown, remedy: missing.remedy };
  return {
    what: `Docker does not answer: ${unknown}`,
    remedy: `${startDocker(env)}, or get permission to use it; the containers come back by themselves.`,
  };
}

/** A part's container. Pure. */
export function judgePart({ name, state, isDeclared }: PartStatus): readonly Trouble[] {
  const logs = `\`npm run logs -- ${name}\` tells more.`;
  if (!isDeclared)
    return [
      {
        what: `${name} is here, and the settings do not ask for it`,
        remedy:
          "Give the settings that it was made with; or `npm run up` takes it away, and `npm run diff` shows that before.",
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
  return `${state}, exit code ${exitCode}${oomKilled ? ", killed for want of memory" : ""}`;
}

function judgeCluster({ servers, parts, leader, autopilot, states }: Status): readonly Trouble[] {
  const running = parts.filter(({ isServer, state }) => isServer && state.state === "running").length;
  const quorum = Math.floor(servers.length / 2) + 1;
  if (isUnknown(leader))
    return [
      {
        what: `${leader.unknown}: ${running} of ${servers.length} servers run, ${quorum} must`,
        remedy:
          running < quorum ? `Nothing can be written until then. ${UP}` : "`npm run logs -- server-1` tells more.",
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
        remedy: `It gets one within 10 s of being healthy; else \`npm run logs -- ${name}\` tells why.`,
        mayPass: true,
      })),
    // Without its state there is no token to ask with, which stands above already.
    ...(isUnknown(autopilot) && states.length > 0
      ? []
      : judgeAutopilot(autopilot, running === servers.length, servers.length)),
  ];
}

function judgeAutopilot(autopilot: Status["autopilot"], allRun: boolean, servers: number): readonly Trouble[] {
  if (isUnknown(autopilot))
    return [
      {
        what: `autopilot cannot be asked: ${autopilot.unknown}`,
        remedy: "It is asked with the token operator, which Terraform reads: `npm run doctor` tells what it lacks.",
        mayPass: true,
      },
    ];
  if (!autopilot.healthy && allRun) return [{ what: "autopilot finds a server unhealthy", remedy: UP, mayPass: true }];
  return autopilot.failureTolerance === 0 && servers > 1
    ? [{ what: "no further server may fail", remedy: `Bring back those that are away. ${UP}`, mayPass: true }]
    : [];
}

function judgeRegistrar({ refusals, parts, catalog }: Status): readonly Trouble[] {
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
      remedy: "`npm run up` takes it away where no file declares it; else correct the team's file first.",
    })),
    ...(own.length <= MOST
      ? []
      : [
          {
            what: `the registrar refuses ${own.length - MOST} more values`,
            remedy: "`npm run status -- --json` has all.",
          },
        ]),
    ...(foreign.length === 0
      ? []
      : [
          {
            what: `the registrar refuses keys of no team of the catalog: ${few(foreign.map(({ key }) => key))}`,
            remedy: "`npm run up` leaves them; `npm run catalog -- audit` has the command that deletes them.",
          },
        ]),
  ];
}

function judgeGateway({ gateway, leader, parts }: Status): readonly Trouble[] {
  // Without a leader it cannot do better, and one that does not run is told of as a part.
  if (!isUnknown(gateway) || isUnknown(leader) || !isRunning(parts, "gateway")) return [];
  const what = `the gateway: ${gateway.unknown}`;
  if (gateway.unknown.endsWith(SOMETHING_ELSE))
    return [{ what, remedy: "`npm run doctor` has the command that names it. End it and run `npm run up`." }];
  return [{ what, remedy: `${UP} \`npm run logs -- gateway\` tells more.`, mayPass: true }];
}

function isRunning(parts: readonly PartStatus[], part: string): boolean {
  return parts.some(({ name, state }) => name === part && state.state === "running");
}

function judgeCatalog({ catalog, leader }: Status): readonly Trouble[] {
  if (isUnknown(catalog))
    return isUnknown(leader)
      ? []
      : [
          {
            what: `the catalog cannot be told: ${catalog.unknown}`,
            remedy: "`npm run catalog -- lint` reads its files.",
            mayPass: true,
          },
        ];
  const wrong = catalog.wrong.filter(({ standing }) => standing !== "warning");
  if (wrong.length === 0) return [];
  const [first] = wrong;
  return [
    {
      what: `${wrong.length} ${wrong.length === 1 ? "service does" : "services do"} not stand as declared`,
      remedy: `\`npm run logs -- ${first?.name}\` tells what its check says; \`npm run doctor\` looks for the cause.`,
      mayPass: true,
    },
  ];
}
