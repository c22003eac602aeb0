import type { Env } from "./process.js";
import { outsideVariable } from "./settings.js";
import { UserError } from "./user-error.js";

/** The refusal where Docker runs and does not take this user's commands. */
export function dockerNotPermitted(): UserError {
  return new UserError(
    "Docker runs, but you are not permitted to use it",
    "Run `sudo usermod -aG docker $USER` and log in again, or run this command as root.",
  );
}

/** What to do where Docker does not answer, for a remedy: without a full stop. */
export function startDocker(env: Env = process.env): string {
  // What is started here would not be asked where one of these is set.
  const name = (["DOCKER_HOST", "DOCKER_CONTEXT"] as const).find((each) => outsideVariable(each, env) !== undefined);
  return name === undefined
    ? "Start Docker (Docker Desktop, or `sudo systemctl start docker`)"
    : `Start the Docker that ${name} names (${outsideVariable(name, env)}), or unset ${name}`;
}
