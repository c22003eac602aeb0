import { z } from "zod";
import { INSTANCE_LABEL, STACK_LABEL } from "../../lib/docker/owner.js";
import { CommandFailed, run } from "../../lib/process.js";
import { outsideVariable } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { interruption } from "../cli/interrupt.js";

/** The kinds of things on a Docker host that carry our labels. */
export type Kind = "container" | "network" | "volume";

/** An object on the Docker host. */
export interface DockerObject {
  readonly kind: Kind;
  /** What `docker KIND rm` takes. */
  readonly id: string;
  readonly name: string;
  /** The platform that it belongs to; "" where nothing of ours made it. */
  readonly instance: string;
  /** The stack that made it; "" where nothing of ours did. */
  readonly stack: string;
  /** "running", "exited", "created", …; "" for networks and volumes. */
  readonly state: string;
}

const LIST: Readonly<Record<Kind, readonly string[]>> = {
  container: ["ps", "--all", "--no-trunc"],
  network: ["network", "ls", "--no-trunc"],
  volume: ["volume", "ls"],
};

const rowSchema = z.object({
  ID: z.string().default(""),
  Name: z.string().default(""),
  Names: z.string().default(""),
  Labels: z.string().default(""),
  State: z.string().default(""),
});

/** Everything of a kind on the host, ours or not. */
export async function listAll(kind: Kind): Promise<readonly DockerObject[]> {
  const text = await docker([...LIST[kind], "--format", "{{json .}}"]);
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const row = rowSchema.parse(JSON.parse(line));
      const name = row.Names || row.Name;
      return {
        kind,
        id: kind === "volume" ? name : row.ID,
        name,
        instance: labelIn(row.Labels, INSTANCE_LABEL),
        stack: labelIn(row.Labels, STACK_LABEL),
        state: row.State,
      };
    });
}

/** Other people's containers and networks come and go while we look. */
const LOOKS = 5;

/** Inspects objects that were listed a moment ago; retries if some are gone meanwhile. */
export async function lookAgain<T>(look: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await look();
    } catch (error) {
      const isGoneMeanwhile = error instanceof CommandFailed && /no such|not found/i.test(error.text);
      if (!isGoneMeanwhile || attempt === LOOKS) throw error;
    }
  }
}

/** Everything of a platform on the host, by its labels. */
export async function listOwned(instance: string): Promise<readonly DockerObject[]> {
  // What nothing of ours made has no label, which reads as "".
  if (instance === "") throw new Error("a platform without a name");
  const found = await Promise.all((["container", "network", "volume"] as const).map(listAll));
  return found.flat().filter((thing) => thing.instance === instance);
}

/** Removes things of one kind; what is gone already is no error. */
export async function remove(kind: Kind, things: readonly DockerObject[]): Promise<void> {
  for (const some of removals(things)) await removeAtOnce(kind, some);
}

/**
 * What is removed by one call each, in order. Containers that run go one after the other: of several that leave a network
 * at once, a busy Docker before 28.2 counts some as still there, and never removes the network (moby/moby#42119).
 */
export function removals(things: readonly DockerObject[]): readonly (readonly DockerObject[])[] {
  const others = things.filter((thing) => !isUp(thing));
  return [...things.filter(isUp).map((thing) => [thing]), ...(others.length > 0 ? [others] : [])];
}

/** Whether a container runs, or will again by itself. */
export function isUp({ state }: DockerObject): boolean {
  return ["running", "restarting", "paused"].includes(state);
}

async function removeAtOnce(kind: Kind, things: readonly DockerObject[]): Promise<void> {
  const force = kind === "container" ? ["--force", "--volumes"] : kind === "volume" ? ["--force"] : [];
  try {
    await docker([kind, "rm", ...force, ...things.map(({ id }) => id)]);
  } catch (error) {
    const left = new Set((await listAll(kind)).map(({ id }) => id));
    const stuck = things.filter(({ id }) => left.has(id));
    if (stuck.length === 0) return;
    throw error instanceof CommandFailed && /has active endpoints/.test(error.text) ? await inUse(stuck) : error;
  }
}

async function inUse(networks: readonly DockerObject[]): Promise<UserError> {
  const names = networks.map(({ name }) => name).join(" and ");
  const format = "{{range .Containers}}{{.Name}} {{end}}";
  const attached = await docker(["network", "inspect", "--format", format, ...networks.map(({ id }) => id)]);
  const containers = attached.split(/\s+/).filter(Boolean).join(", ");
  return containers === ""
    ? new UserError(
        `Docker holds on to ${names}, though no container is attached any more`,
        "Restart Docker, which forgets such remains, and run `npx rollcall down` again.",
      )
    : new UserError(
        `${names} cannot be removed: ${containers} is attached, and not of this platform`,
        "Remove it or disconnect it (`docker network disconnect`), and run `npx rollcall down` again.",
      );
}

/** Runs the Docker client and gives what it prints. */
export async function docker(
  args: readonly string[],
  options: { readonly input?: string | Uint8Array; readonly timeoutSeconds?: number } = {},
): Promise<string> {
  return (await run("docker", args, { ...options, signal: interruption })).stdout;
}

const healthSchema = z.array(
  z.object({
    Name: z.string(),
    State: z.object({
      Health: z.object({ Status: z.string(), Log: z.array(z.object({ Output: z.string() })).nullish() }).nullish(),
    }),
  }),
);

/** Which of these containers are not healthy, each with what its health check said last and its last log line. */
export async function unhealthy(names: readonly string[]): Promise<readonly string[]> {
  const there = new Set((await listAll("container")).map(({ name }) => name));
  const known = names.filter((name) => there.has(name));
  if (known.length === 0) return [];
  const inspected = healthSchema.parse(JSON.parse(await docker(["container", "inspect", ...known])));
  const sick = inspected.filter(({ State }) => State.Health != null && State.Health.Status !== "healthy");
  return Promise.all(
    sick.map(async ({ Name, State }) => {
      const name = Name.replace(/^\//, "");
      const said = State.Health?.Log?.at(-1)?.Output.trim() || "its health check has not run yet";
      const { stdout, stderr } = await run("docker", ["logs", "--tail", "1", name]);
      return `${name} is ${State.Health?.Status}: ${said}; its last log line: ${(stdout || stderr).trim() || "none"}`;
    }),
  );
}

/**
 * Where the Docker client finds its engine, for the Terraform provider, which does not read Docker's contexts.
 * Empty where DOCKER_HOST says it already or where the client cannot tell.
 */
export async function dockerHostOfContext(env: Readonly<Record<string, string | undefined>>): Promise<string> {
  if (outsideVariable("DOCKER_HOST", env) !== undefined) return "";
  try {
    return (await docker(["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"])).trim();
  } catch (error) {
    if (error instanceof CommandFailed) return "";
    throw error;
  }
}

/** The client prints labels as `a=b,c=d`; ours have no comma in them. */
function labelIn(labels: string, label: string): string {
  const start = `${label}=`;
  const found = labels.split(",").find((each) => each.startsWith(start));
  return found?.slice(start.length) ?? "";
}
