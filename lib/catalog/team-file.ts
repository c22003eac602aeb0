import { explain, isMapping, label } from "./explain.js";
import { serviceName } from "./fields.js";
import { monitoredBy } from "./monitored-fields.js";
import type { CatalogProblem, Place } from "./problem.js";
import { resolveCheck, resolveService } from "./resolve.js";
import { type Defaults, defaultsSchema, serviceSchema, teamFileSchema } from "./schema.js";
import type { DynamicService, Service } from "./types.js";
import { type Path, parseYaml, type YamlSource } from "./yaml-source.js";

/** Something that is declared, and where. */
export interface Declared<T> {
  readonly what: T;
  readonly at: Place;
  /** Where the alias of a check stands, by the check's name; undefined for what has no checks. */
  readonly within?: (check: string) => Place;
}

/** What one file of the catalog declares. As much as could be read, so that mistakes across files are found too. */
export interface TeamFile {
  readonly file: string;
  readonly team?: Declared<string>;
  /** The names of all services, also of those with a mistake. */
  readonly names: readonly Declared<string>[];
  /** The services without a mistake. */
  readonly services: readonly Declared<Service>[];
  /** The services whose instances register themselves. */
  readonly dynamic: readonly Declared<DynamicService>[];
  readonly problems: readonly CatalogProblem[];
}

/** Reads one file of the catalog; mistakes come back as problems, all of them at once. */
export function readTeamFile(file: string, text: string): TeamFile {
  const { source, problems } = parseYaml(file, text);
  if (source === undefined) return { file, names: [], services: [], dynamic: [], problems };
  const { value } = source;
  if (value === null || value === undefined)
    return { file, names: [], services: [], dynamic: [], problems: [...problems, empty(file)] };

  const issues = teamFileSchema.safeParse(value, { reportInput: true }).error?.issues ?? [];
  // A service's check is only half of one, and its team's may be wrong too: both are judged below, field by field.
  const found = issues.filter(({ path }) => !isCheck(path)).flatMap((issue) => explain(issue, [], source));
  const fields = isMapping(value) ? value : {};
  const defaults = fields.defaults ?? {};
  const teamCheck = isMapping(defaults) ? defaults.check : undefined;
  const teamCheckProblems =
    teamCheck === undefined ? [] : explainCheck(teamCheck, undefined, ["defaults", "check"], source);
  const team = typeof fields.team === "string" ? fields.team : undefined;
  const around = { team: team ?? "", defaults: defaultsSchema.safeParse(defaults).data, teamCheck, source };
  const entries = Object.entries(isMapping(fields.services) ? fields.services : {});
  const read = entries.map(([name, entry]) => readService(name, entry, around));
  return {
    file,
    ...(team === undefined ? {} : { team: { what: team, at: source.locate(["team"], "value") } }),
    names: read.map(({ name }) => name),
    services: read.flatMap((one) => one.services),
    dynamic: read.flatMap((one) => one.dynamic ?? []),
    problems: [...problems, ...found, ...teamCheckProblems, ...read.flatMap((one) => one.problems)],
  };
}

interface Surroundings {
  readonly team: string;
  /** Undefined where they have a mistake. */
  readonly defaults: Defaults | undefined;
  readonly teamCheck: unknown;
  readonly source: YamlSource;
}

interface ReadService {
  readonly name: Declared<string>;
  /** One an instance; none where there is a mistake. */
  readonly services: readonly Declared<Service>[];
  readonly dynamic?: Declared<DynamicService>;
  readonly problems: readonly CatalogProblem[];
}

function readService(name: string, raw: unknown, around: Surroundings): ReadService {
  const { source, teamCheck, defaults } = around;
  const path = ["services", name];
  const at = source.locate(path, "key");
  if (isMapping(raw) && raw.dynamic === true) return readDynamic(name, raw, around);
  const own = isMapping(raw) ? raw.check : undefined;
  const problems = [
    ...missingPorts(raw).map((below) => ({
      ...source.locate([...path, ...below], "value"),
      message: `${label([...path, ...below])} is missing`,
      remedy: "write a whole number from 1 to 65535",
    })),
    ...(own === undefined ? [] : explainCheck(own, teamCheck, [...path, "check"], source)),
  ];
  const entry = serviceSchema.safeParse(raw);
  if (problems.length > 0 || !serviceName.safeParse(name).success || !entry.success || defaults === undefined)
    return { name: { what: name, at }, problems, services: [] };

  const check = own === undefined ? defaults.check : resolveCheck(own, teamCheck).data;
  const resolved = resolveService(name, entry.data, { team: around.team, defaults, check });
  const misfits = resolved.misfits.map(({ path: below, message, remedy }) => {
    const full = [...path, ...below];
    return {
      ...(below.length === 0 ? at : source.locate(full, "value")),
      message: `${label(full)} ${message}`,
      remedy,
    };
  });
  const services = resolved.services.map((what, index) => ({
    what,
    at: entry.data.instances === undefined ? at : source.locate([...path, "instances", index, "id"], "value"),
    within: (check: string) => aliasPlace(check, path, raw, source),
  }));
  return { name: { what: name, at }, problems: misfits, services };
}

/** A service's own check is named by its kind, and may be its team's. */
function aliasPlace(check: string, path: Path, raw: unknown, source: YamlSource): Place {
  const own = isMapping(raw) ? raw : {};
  const isFurther = isMapping(own.checks) && Object.hasOwn(own.checks, check);
  if (isFurther) return source.locate([...path, "checks", check, "service"], "value");
  if (isMapping(own.check) && "service" in own.check) return source.locate([...path, "check", "service"], "value");
  return source.locate(path, "key");
}

/** What a catalog says of a service whose instances register themselves. None is probed, so none has a latency. */
const BESIDE_DYNAMIC = ["dynamic", "failover", "alert", "slo", "owner", "runbook", "metrics"];

/** A service whose instances register themselves: what they would say then has no place here. */
function readDynamic(name: string, raw: Readonly<Record<string, unknown>>, around: Surroundings): ReadService {
  const { source, team, defaults } = around;
  const path = ["services", name];
  const at = source.locate(path, "key");
  const besides = Object.keys(raw).filter((key) => key in serviceSchema.shape && !BESIDE_DYNAMIC.includes(key));
  const problems = besides.map((key) => ({
    ...source.locate([...path, key], "key"),
    message: `${label([...path, key])} stands beside dynamic`,
    remedy: "leave it out: the instances of a dynamic service say it when they register themselves",
  }));
  const entry = serviceSchema.safeParse(raw);
  const named = { name: { what: name, at }, services: [], problems };
  if (problems.length > 0 || !entry.success || !serviceName.safeParse(name).success) return named;
  const failover = entry.data.failover ?? defaults?.failover;
  const { latency: _, ...monitored } = monitoredBy(defaults ?? {}, entry.data);
  return {
    ...named,
    dynamic: { what: { team, name, ...(failover === undefined ? {} : { failover }), ...monitored }, at },
  };
}

/** Where a port is missing: in the service, or in an instance whose service has none either. */
function missingPorts(raw: unknown): readonly Path[] {
  if (!isMapping(raw) || raw.port !== undefined) return [];
  if (!Array.isArray(raw.instances)) return [["port"]];
  return raw.instances.flatMap((instance: unknown, index) =>
    isMapping(instance) && instance.port === undefined ? [["instances", index, "port"]] : [],
  );
}

/** What is wrong with the fields that stand in this check; what it lacks because the team's is wrong is not its fault. */
function explainCheck(
  own: unknown,
  team: unknown,
  path: readonly string[],
  source: YamlSource,
): readonly CatalogProblem[] {
  const issues = resolveCheck(own, team).error?.issues ?? [];
  const teamIsWrong = team !== undefined && !resolveCheck(team, undefined).success;
  const mine = issues.filter((issue) => !teamIsWrong || !isMapping(own) || String(issue.path[0] ?? "kind") in own);
  return mine.flatMap((issue) => explain(issue, path, source));
}

function isCheck(path: readonly PropertyKey[]): boolean {
  return path[path[0] === "services" ? 2 : 1] === "check";
}

function empty(file: string): CatalogProblem {
  return {
    file,
    line: 1,
    column: 1,
    message: "the file is empty",
    remedy: "list a team and its services, or delete it",
  };
}
