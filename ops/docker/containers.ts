import { z } from "zod";
import { oneLine } from "../../lib/printable.js";
import { run } from "../../lib/process.js";
import { interruption } from "../cli/interrupt.js";
import { docker, listAll } from "./docker-host.js";

/** How a container stands, as Docker tells it. */
export interface ContainerState {
  /** Its name on the host. */
  readonly name: string;
  readonly id: string;
  /** The image's id: `sha256:…`. */
  readonly image: string;
  /** `running`, `exited`, `paused`, `restarting`, …; `missing` where there is none. */
  readonly state: string;
  /** `healthy`, `unhealthy` or `starting`; "" for one without a health check. */
  readonly health: string;
  /** What its health check said last. */
  readonly said: string;
  readonly exitCode: number;
  /** Ended by the kernel for want of memory, the last time. */
  readonly oomKilled: boolean;
  /** Restarts by its policy since it was made. */
  readonly restarts: number;
  readonly startedAt: string;
}

const inspectSchema = z.array(
  z.object({
    Name: z.string(),
    Id: z.string(),
    Image: z.string(),
    RestartCount: z.number(),
    State: z.object({
      Status: z.string(),
      ExitCode: z.number(),
      OOMKilled: z.boolean(),
      StartedAt: z.string(),
      Health: z.object({ Status: z.string(), Log: z.array(z.object({ Output: z.string() })).nullish() }).nullish(),
    }),
  }),
);

/** How these containers stand, each; one that is not there is `missing`. */
export async function inspectContainers(names: readonly string[]): Promise<readonly ContainerState[]> {
  const there = new Set((await listAll("container")).map(({ name }) => name));
  const known = names.filter((name) => there.has(name));
  const text = known.length === 0 ? "[]" : await docker(["container", "inspect", ...known]);
  const found = inspectSchema.parse(JSON.parse(text)).map(stateOf);
  return names.map((name) => found.find((each) => each.name === name) ?? { ...MISSING, name });
}

const MISSING: ContainerState = {
  ...{ name: "", id: "", image: "", state: "missing", health: "", said: "", startedAt: "" },
  ...{ exitCode: 0, oomKilled: false, restarts: 0 },
};

function stateOf({ Name, Id, Image, RestartCount, State }: z.infer<typeof inspectSchema>[number]): ContainerState {
  return {
    name: Name.replace(/^\//, ""),
    id: Id,
    image: Image,
    state: State.Status,
    health: State.Health?.Status ?? "",
    said: oneLine(State.Health?.Log?.at(-1)?.Output ?? "", 200),
    exitCode: State.ExitCode,
    oomKilled: State.OOMKilled,
    restarts: RestartCount,
    startedAt: State.StartedAt,
  };
}

/** Longer than any question to a container takes that is well, also on a busy machine. */
const PATIENCE_SECONDS = 20;

/**
 * Asks for a URL from within a container: the control network's addresses are not reached from every host. The URL follows. No
 * "wget -T": the busybox of Debian 12 crashes on it.
 */
export const WGET = ["busybox", "timeout", "8", "busybox", "wget", "-q", "-O", "-"] as const;

/**
 * Runs a command in a container and gives what it prints.
 * @param input what it reads: the place for secrets, which nobody else sees here. Its end does not come before the command's own
 */
export async function execIn(container: string, args: readonly string[], input?: string): Promise<string> {
  const options = ["exec", ...(input === undefined ? [] : ["--interactive"]), container, ...args];
  const { stdout } = await run("docker", options, {
    timeoutSeconds: PATIENCE_SECONDS,
    signal: interruption,
    ...(input === undefined ? {} : { input, keepInputOpen: true }),
  });
  return stdout;
}
