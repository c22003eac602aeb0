import { printable, printableLines } from "../../../lib/printable.js";
import { colour } from "../../cli/colour.js";
import { MOST } from "../../cli/few.js";
import { isUnknown, type Unknown } from "../../platform/result.js";
import { isWell, type Problem } from "../problem.js";
import type { CatalogStatus, PartStatus, ServerStatus, Status } from "./status.js";

/** What `npx rollcall status` prints for people: what is, then what is wrong. Pure. */
export function renderStatus(status: Status, problems: readonly Problem[], now = Date.now()): string {
  const rest = status.parts.filter(({ isServer }) => !isServer);
  const lines = [
    `Platform      ${printable(status.platform)}`,
    `Servers       ${cluster(status)}`,
    ...columns(status.servers.map((server) => serverRow(server, status.parts))),
    `Parts         ${rest.length === 0 ? UNKNOWN : ""}`.trimEnd(),
    ...columns(rest.map((part) => [part.name, container(part), note(status, part)])),
    `Catalog       ${isUnknown(status.catalog) ? why(status.catalog) : ""}`.trimEnd(),
    ...(isUnknown(status.catalog) ? [] : catalogRows(status.catalog)),
    `Certificates  ${certificates(status)}`,
    `Last backup   ${backup(status, now)}`,
  ];
  return `${lines.join("\n")}\n\n${renderProblems(problems)}`;
}

/** Each trouble with its remedy below it, and a closing line. Pure. */
export function renderProblems(problems: readonly Problem[]): string {
  const wrong = problems.filter(({ isNote }) => isNote !== true);
  const told = [...wrong, ...problems.filter(({ isNote }) => isNote === true)].map(
    ({ what, remedy, isNote }) =>
      `${isNote === true ? colour.yellow("note ") : colour.red("wrong")}  ${printable(what)}\n       ${printableLines(remedy)}`,
  );
  const close = isWell(problems) ? colour.green("All is well.") : colour.red(`${counted(wrong.length)} wrong.`);
  return [...told, close].join("\n");
}

const UNKNOWN = "unknown";

function counted(count: number): string {
  return count === 1 ? "1 thing is" : `${count} things are`;
}

function why({ unknown }: Unknown): string {
  return colour.red(`unknown: ${printable(unknown)}`);
}

function cluster({ leader, autopilot, parts }: Status): string {
  if (isUnknown(leader)) return why(leader);
  const name = parts.find(({ container }) => container === leader)?.name ?? leader;
  if (isUnknown(autopilot)) return `leader ${name}, autopilot ${why(autopilot)}`;
  const mark = autopilot.healthy ? colour.green("healthy") : colour.red("unhealthy");
  return `leader ${name}, autopilot ${mark}, ${autopilot.failureTolerance} more may fail`;
}

function serverRow({ name, member, role, lastIndex, version }: ServerStatus, parts: readonly PartStatus[]) {
  const part = parts.find((each) => each.name === name);
  return [
    name,
    part === undefined ? UNKNOWN : container(part),
    member,
    role,
    lastIndex === undefined ? "log -" : `log ${lastIndex}`,
    version ?? "",
  ];
}

function container({ state }: PartStatus): string {
  return state.health === "" || state.state !== "running" ? state.state : `${state.state}, ${state.health}`;
}

function note({ refusals, gateway }: Status, { name }: PartStatus): string {
  if (name === "gateway") return isUnknown(gateway) ? `unknown: ${gateway.unknown}` : gateway;
  if (name !== "registrar") return "";
  if (isUnknown(refusals)) return `unknown: ${refusals.unknown}`;
  return refusals.length === 0 ? "nothing refused" : `${refusals.length} refused`;
}

function catalogRows({ teams, wrong }: CatalogStatus): readonly string[] {
  return [
    ...columns(teams.map(({ team, passing, declared }) => [team, `${passing} of ${declared} pass`])),
    ...columns(wrong.slice(0, MOST).map(({ standing, name, why: said }) => [standing, name, said])),
    ...(wrong.length <= MOST ? [] : [`  and ${wrong.length - MOST} more: \`npx rollcall verify\` names them`]),
  ];
}

function certificates({ certificates: each }: Status): string {
  if (each.length === 0) return UNKNOWN;
  return each.map(({ name, daysLeft }) => `${name} ${urgency(daysLeft)(`${daysLeft} days`)}`).join(", ");
}

function urgency(daysLeft: number): (text: string) => string {
  return daysLeft < 7 ? colour.red : daysLeft < 30 ? colour.yellow : (text) => text;
}

function backup({ backup: last }: Status, now: number): string {
  if (last === undefined) return "none";
  const where = last.kind === "folder" ? "in the backup folder" : "scheduled, in the volume of consul-backup alone";
  return `${last.file}, ${age(now - last.time.getTime())} ago, ${where}`;
}

/** A time span as a person says it. */
function age(milliseconds: number): string {
  const minutes = Math.max(0, Math.round(milliseconds / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 60 / 24)} days`;
}

/** Rows in columns, each as wide as its widest. */
function columns(texts: readonly (readonly string[])[]): readonly string[] {
  const rows = texts.map((row) => row.map(printable));
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
}
