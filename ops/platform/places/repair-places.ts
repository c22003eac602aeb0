import { CommandFailed } from "../../../lib/process.js";
import type { Settings } from "../../../lib/settings.js";
import { UserError } from "../../../lib/user-error.js";
import { changed } from "../../cli/changes-made.js";
import { docker } from "../../docker/docker-host.js";
import type { Layout } from "./layout.js";
import type { Misplaced } from "./misplaced.js";
import { readStanding } from "./standing.js";

/**
 * Puts the platform's containers that are there back into the networks where they belong, and has those go on that
 * somebody paused. Terraform sees neither.
 * @returns what was done, a line each; [] where nothing was wrong
 * @throws UserError where Docker refuses
 */
export async function repairPlaces(
  settings: Settings,
  layout: Layout,
  report: (line: string) => void,
): Promise<readonly string[]> {
  const { host, misplaced } = await readStanding(settings, layout, []);
  const declared = new Set(layout.places.map(({ container }) => container));
  const paused = host.containers.filter(
    ({ instance, name, state }) => instance === settings.instance && declared.has(name) && state === "paused",
  );
  const done: string[] = [];
  const log = (line: string) => {
    report(`repaired ${line}`);
    changed(line);
    done.push(line);
  };
  for (const { name } of paused) {
    await calling(["unpause", name]);
    log(`${name}: paused`);
  }
  for (const call of ordered(misplaced)) await calling(call);
  for (const { container, fault } of misplaced) log(`${container}: ${fault}`);
  return done;
}

/** The calls in the order in which they can be made: every container leaves before any comes, for the sake of addresses. */
export function ordered(found: readonly Misplaced[]): readonly (readonly string[])[] {
  const calls = found.flatMap((each) => each.calls);
  const leaves = ([, verb]: readonly string[]) => verb === "disconnect";
  return [...calls.filter(leaves), ...calls.filter((call) => !leaves(call))];
}

async function calling(args: readonly string[]): Promise<void> {
  try {
    await docker(args);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    throw new UserError(
      `Docker refuses \`docker ${args.join(" ")}\`: ${error.lines.at(-1) ?? "without a word"}`,
      "`npx rollcall doctor` names what is in its way. Then run `npx rollcall up` again: it continues from here.",
    );
  }
}
