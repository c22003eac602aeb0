import { cannotRun } from "../../lib/cannot-run.js";
import { dockerNotPermitted, startDocker } from "../../lib/no-docker.js";
import { CommandFailed } from "../../lib/process.js";
import { UserError } from "../../lib/user-error.js";
import { docker } from "./docker-host.js";

const ANSWERS_WITHIN_SECONDS = 30;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Asks Docker for an answer, for verbs that can say nothing without it.
 * @param consequence what follows where it gives none, such as "nothing was removed". @default - nothing
 * @throws UserError that tells a Docker that is not installed from one that does not run and one that is not permitted
 */
export async function requireDocker(consequence = ""): Promise<void> {
  try {
    await docker(["version", "--format", "{{.Server.Version}}"], { timeoutSeconds: ANSWERS_WITHIN_SECONDS });
  } catch (error) {
    if (!(error instanceof CommandFailed) || error.reason === "aborted") throw error;
    const { message, remedy } = whyNoDocker(error);
    throw new UserError(`${message}${consequence && `, so ${consequence}`}`, remedy);
  }
}

/** Why Docker gave no answer, and what to do. */
export function whyNoDocker(
  { reason, text }: Pick<CommandFailed, "reason" | "text">,
  env: Environment = process.env,
): UserError {
  const stopped = cannotRun({ command: "docker", reason });
  if (stopped !== undefined) return stopped;
  if (/permission denied/i.test(text)) return dockerNotPermitted();
  return new UserError(
    reason === "timeout" ? `Docker gave no answer within ${ANSWERS_WITHIN_SECONDS} s` : "Docker does not answer",
    `${startDocker(env)}, and run it again.`,
  );
}
