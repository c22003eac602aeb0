import * as z from "zod";
import { docker, type Kind, listAll, lookAgain } from "../../docker/docker-host.js";
import { dockerIdsIn, type State, valuesIn } from "../../terraform/state-text.js";

/** Objects on the Docker host, without what changes by itself; by id, images by name. */
export type DockerView = ReadonlyMap<string, unknown>;

const KINDS: readonly Kind[] = ["container", "network", "volume"];

const networkOfContainer = z.object({
  ...{ NetworkID: z.unknown(), IPAddress: z.unknown(), Aliases: z.unknown(), IPAMConfig: z.unknown() },
});

/** What is kept of each kind: all that somebody sets, and whether it runs. */
const SCHEMAS = {
  container: z.object({
    ...{ Id: z.string(), Name: z.string(), Image: z.string(), Path: z.unknown(), Args: z.unknown() },
    ...{ Config: z.unknown(), HostConfig: z.unknown() },
    Mounts: z
      .array(z.looseObject({ Destination: z.string() }))
      // Docker lists them in any order.
      .transform((mounts) => [...mounts].sort((a, b) => (a.Destination < b.Destination ? -1 : 1))),
    State: z.object({ Status: z.string() }),
    NetworkSettings: z.object({ Ports: z.unknown(), Networks: z.record(z.string(), networkOfContainer) }),
  }),
  network: z.object({
    ...{ Id: z.string(), Name: z.string(), Driver: z.string(), Internal: z.unknown(), Attachable: z.unknown() },
    ...{ EnableIPv6: z.unknown(), IPAM: z.unknown(), Options: z.unknown(), Labels: z.unknown() },
  }),
  volume: z.object({ Name: z.string(), Driver: z.string(), Options: z.unknown(), Labels: z.unknown() }),
} as const;

/** What of these states stands on the Docker host; what is gone is left out. */
export async function dockerView(states: readonly State[]): Promise<DockerView> {
  const known = dockerIdsIn(states);
  const views = await Promise.all([images(), ...KINDS.map((kind) => lookAgain(() => inspected(kind, known)))]);
  return new Map(views.flat());
}

/** What of it a state has made. Pure. */
export function dockerPartOf(view: DockerView, state: State): readonly unknown[] {
  const isImage = ({ type }: State["resources"][number]) => type === "docker_image";
  const names = valuesIn([{ ...state, resources: state.resources.filter(isImage) }], ["name"]);
  const known = [...dockerIdsIn([state]), ...names].sort();
  return known.flatMap((id) => (view.has(id) ? [[id, view.get(id)]] : []));
}

/** The ids of all images, by their names: under one name another may be built. */
async function images(): Promise<readonly (readonly [string, unknown])[]> {
  const text = await docker(["image", "ls", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"]);
  return text.split("\n").flatMap((line) => {
    const [name = "", id] = line.split(" ");
    return id === undefined ? [] : [[name, id] as const];
  });
}

async function inspected(kind: Kind, known: ReadonlySet<string>): Promise<readonly (readonly [string, unknown])[]> {
  const ids = (await listAll(kind)).map(({ id }) => id).filter((id) => known.has(id));
  if (ids.length === 0) return [];
  const all = z.array(SCHEMAS[kind]).parse(JSON.parse(await docker([kind, "inspect", ...ids])));
  return all.map((each) => ["Id" in each ? each.Id : each.Name, each] as const);
}
