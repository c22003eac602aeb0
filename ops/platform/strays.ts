import type { Settings } from "../../lib/settings.js";
import { few } from "../cli/few.js";
import { type DockerObject, docker, isUp } from "../docker/docker-host.js";
import type { Problem } from "../report/problem.js";
import { copyOf, LOST_STATE, readStateFiles, type StateFile, stateFileOf, wayBack } from "../terraform/state-files.js";
import { dockerIdsIn, type State } from "../terraform/state-text.js";
import type { UpRecord } from "./up-record.js";

/** The stack that all others stand on. */
const FOUNDATION = "foundation";
/** Stacks that have made nothing but containers and volumes: without a state they are recreated, once their containers are gone. */
const OF_DOCKER_ALONE = /^(?:server-\d+|gateway|workloads)$/;

/** What is on the Docker host, beside what the states and the last finished `up` know of it. */
export interface Sighting {
  /** Containers and networks of the platform. */
  readonly owned: readonly DockerObject[];
  readonly states: ReadonlyMap<string, State>;
  /** Ids of the containers that stood when an `up` last finished. */
  readonly recorded: ReadonlySet<string>;
  /** Ids of the networks in which containers run that belong to the platform. */
  readonly used: ReadonlySet<string>;
  /**
   * Stacks whose state holds nothing though no apply of it was killed, by name; of one that was killed, the ids that
   * Terraform's copy of the state knows.
   */
  readonly empty: ReadonlyMap<string, "emptied" | ReadonlySet<string>>;
  /** Stacks whose state file is gone, though it was there when an `up` last finished. */
  readonly gone: readonly string[];
}

/** Containers and networks that no state knows. */
export interface Strays {
  /**
   * What the platform needs, by the stack that made it: a state of it is lost. It is never removed. Of a stack that made
   * nothing on the Docker host it is empty.
   */
  readonly lost: readonly (readonly [stack: string, things: readonly DockerObject[]])[];
  /** What an interrupted run made and could not write down: it stops the next apply, and may be removed. */
  readonly leftovers: readonly DockerObject[];
  /** Stacks whose state holds something, by name. */
  readonly applied: ReadonlySet<string>;
}

/** Looks at what is there. The states must all have been read whole. */
export async function readSighting(
  { backend, stateFolder }: Pick<Settings, "backend" | "stateFolder">,
  owned: readonly DockerObject[],
  states: ReadonlyMap<string, State>,
  record: UpRecord | undefined,
): Promise<Sighting> {
  const known = dockerIdsIn(states.values());
  const recorded = new Set(record?.containers ?? []);
  const files = backend === "local" ? readStateFiles(stateFolder) : [];
  const there = new Set(files.map(({ stack }) => stack));
  const networks = owned.filter(({ kind, id }) => kind === "network" && !known.has(id));
  return {
    owned: owned.filter(({ kind }) => kind !== "volume"),
    states,
    recorded,
    used: await usedNetworks(
      networks.map(({ id }) => id),
      owned.map(({ id }) => id).filter((id) => known.has(id) || recorded.has(id)),
    ),
    empty: emptyStates(files),
    // Without any container left there is nothing that the state could be missed for.
    gone: (record?.stacks ?? []).filter((stack) => {
      const left = OF_DOCKER_ALONE.test(stack)
        ? owned.filter((thing) => thing.stack === stack && isMissed(thing))
        : owned;
      return backend === "local" && !there.has(stack) && left.length > 0;
    }),
  };
}

/** Tells what is lost from what is left over, by ids. Pure. */
export function judgeStrays({ owned, states, recorded, used, empty, gone }: Sighting): Strays {
  const known = dockerIdsIn(states.values());
  const strays = owned.filter(({ id }) => !known.has(id));
  const isLost = (thing: DockerObject) => {
    const emptied = empty.get(thing.stack);
    return (
      // Every other stack is applied after the foundation: no first run made this and was cut off.
      (thing.stack !== FOUNDATION && !states.has(FOUNDATION)) ||
      (recorded.has(thing.id) && isUp(thing)) ||
      used.has(thing.id) ||
      gone.includes(thing.stack) ||
      emptied === "emptied" ||
      (emptied !== undefined && (emptied.has(thing.id) || recorded.has(thing.id)))
    );
  };
  const stacks = [...new Set([...gone, ...strays.filter(isLost).map(({ stack }) => stack)])].sort();
  return {
    // What else of that stack no state knows was lost with the same state.
    lost: stacks.map((name) => [name, strays.filter(({ stack }) => stack === name)] as const),
    leftovers: strays.filter(({ stack }) => !stacks.includes(stack)),
    applied: new Set(states.keys()),
  };
}

/** A volume is taken as it is found. */
function isMissed({ kind }: DockerObject): boolean {
  return kind !== "volume";
}

/** What is lost, each stack with the way back. Reads the state folder. */
export function lostProblems(
  { backend, stateFolder }: Pick<Settings, "backend" | "stateFolder">,
  { lost, applied }: Strays,
): readonly Problem[] {
  return lost.map(([stack, things]) => {
    const file = stateFileOf(stateFolder, stack);
    const [where, back] =
      backend === "local"
        ? [
            ` (${file})`,
            `Put it back. ${wayBack(
              file,
              things.map(({ id }) => id),
            )}`,
          ]
        : ["", `Restore the database that holds it (${LOST_STATE}).`];
    const containers = things.filter(({ kind }) => kind === "container").map(({ name }) => name);
    const isMadeAnew = containers.length > 0 && (OF_DOCKER_ALONE.test(stack) || applied.has(stack));
    const anew = !isMadeAnew
      ? ""
      : ` Where it is gone for good, \`${removal(containers)}\` and \`npx rollcall up\` recreate them.`;
    const they = things.length === 1 ? "belongs" : "belong";
    if (things.length === 0)
      return { what: `the state of the stack ${stack}${where} is gone, though the last \`up\` left one`, remedy: back };
    return {
      what:
        `${few(things.map(({ name }) => name))} ${they} to the platform, but the state of the stack ${stack}${where} does not have ` +
        `${things.length === 1 ? "it" : "them"}: that state is lost, or an older one was put in its place`,
      remedy: `${back}${anew}`,
    };
  });
}

function removal(containers: readonly string[]): string {
  return `docker rm -f ${containers.slice(0, 5).join(" ")}${containers.length > 5 ? " …" : ""}`;
}

function emptyStates(files: readonly StateFile[]): Sighting["empty"] {
  const empty = files.filter(
    ({ reading }) => reading.kind === "none" || (reading.kind === "state" && reading.state.resources.length === 0),
  );
  return new Map(
    empty.map(({ stack, file, isCutOff }) => {
      const copy = copyOf(file);
      return [stack, isCutOff ? dockerIdsIn(copy?.kind === "state" ? [copy.state] : []) : "emptied"] as const;
    }),
  );
}

/** Those of these networks in which one of these containers runs. */
async function usedNetworks(networks: readonly string[], containers: readonly string[]): Promise<ReadonlySet<string>> {
  if (networks.length === 0) return new Set();
  const format = "{{.Id}}{{range $id, $endpoint := .Containers}} {{$id}}{{end}}";
  const text = await docker(["network", "inspect", "--format", format, ...networks]);
  const rows = text.split("\n").map((line) => line.trim().split(" "));
  return new Set(
    rows.flatMap(([id = "", ...inside]) => (inside.some((each) => containers.includes(each)) ? [id] : [])),
  );
}
