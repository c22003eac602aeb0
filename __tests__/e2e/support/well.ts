import { docker, type Ended, nameOf, passingServices, rollcall, until } from "./platform.js";

/** A line of a stack trace. */
export const STACK_TRACE = /^ {4}at .*:\d+:\d+\)?$/m;

/** The platform's own containers whose health Docker looks at. */
const PARTS = ["server-1", "server-2", "server-3", "agent-shared", "registrar"].map((part) => `consul-${part}`);

/** Waits until `status` says that all is well; it is asked once what is quicker to ask says so too. */
export async function untilWell(what: string, aimSeconds: number): Promise<void> {
  await until(what, aimSeconds, async () => {
    const health = await docker("inspect", "--format", "{{.State.Health.Status}}", ...PARTS.map(nameOf));
    if (/starting|unhealthy/.test(health) || (await passingServices()).size !== 40) return false;
    return (await rollcall("status")).code === 0;
  });
}

/**
 * What a verb says on the healthy platform. Autopilot takes a server whose last sign of life was late for unhealthy for 2 s,
 * and a health check that Docker makes every 10 s may yet tell of what a test before has mended.
 */
export function onceWell(verb: string, run: () => Promise<Ended>): Promise<Ended> {
  return until(`${verb}: all is well`, 30, async () => {
    const ended = await run();
    if (ended.code !== 0) throw new Error(ended.stdout + ended.stderr);
    return ended;
  });
}

/** What a doctor or a status said is wrong, without the notes: a platform that was broken by tests before has some. */
export function wrongIn({ stdout }: Ended): readonly string[] {
  return stdout.split("\n").flatMap((line) => /^wrong {2}(.*)$/.exec(line)?.[1] ?? []);
}

/** The remedy that stands below something wrong. */
export function remedyOf({ stdout }: Ended, what: string): string | undefined {
  const lines = stdout.split("\n");
  return lines[lines.findIndex((line) => line.startsWith(`wrong  ${what}`)) + 1]?.trim();
}
